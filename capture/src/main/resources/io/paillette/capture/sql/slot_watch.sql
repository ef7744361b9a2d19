-- One row, also when the slot is not there. to_jsonb hides that only 13 and newer have wal_status. A standby that has the slot
-- tells of the WAL that it has received.
SELECT wanted.wal_end::text AS wal_end,
       pg_wal_lsn_diff(wanted.wal_end, s.restart_lsn)::int8 AS retained,
       to_jsonb(s) ->> 'wal_status' AS wal_status
FROM (SELECT ?::name AS name,
             CASE WHEN pg_is_in_recovery() THEN greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())
                  ELSE pg_current_wal_lsn() END AS wal_end) wanted
LEFT JOIN pg_replication_slots s ON s.slot_name = wanted.name
