-- One row, also when the slot is not there. to_jsonb hides that only 13 and newer have wal_status.
SELECT pg_current_wal_lsn()::text AS wal_end,
       pg_wal_lsn_diff(pg_current_wal_lsn(), s.restart_lsn)::int8 AS retained,
       to_jsonb(s) ->> 'wal_status' AS wal_status
FROM (SELECT ?::name AS name) wanted
LEFT JOIN pg_replication_slots s ON s.slot_name = wanted.name
