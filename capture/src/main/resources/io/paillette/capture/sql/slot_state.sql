-- to_jsonb hides which columns this version has: wal_status from 13, invalidation_reason and failover from 17.
SELECT s.slot_type,
       s.plugin::text AS plugin,
       s.database::text AS database,
       s.active_pid,
       s.confirmed_flush_lsn::text AS confirmed,
       s.restart_lsn::text AS restart,
       to_jsonb(s) ->> 'wal_status' AS wal_status,
       to_jsonb(s) ->> 'invalidation_reason' AS invalidation_reason,
       coalesce((to_jsonb(s) ->> 'failover')::boolean, false) AS failover,
       (SELECT a.application_name FROM pg_stat_activity a WHERE a.pid = s.active_pid) AS application
FROM pg_replication_slots s
WHERE s.slot_name = ?
