-- What is worth watching in the store. Every statement answers rows of a name and a number; none reads a table of ours, but for the first row of one.

-- name: database
SELECT 'xmin_age', coalesce(max(age(backend_xmin)), 0)::double precision FROM pg_stat_activity
UNION ALL
SELECT 'transaction_seconds', coalesce(extract(epoch FROM max(clock_timestamp() - xact_start)), 0)::double precision
FROM pg_stat_activity WHERE datname = current_database() AND state <> 'idle' AND pid <> pg_backend_pid()
UNION ALL
SELECT 'frozenxid_age', age(datfrozenxid)::double precision FROM pg_database WHERE datname = current_database()
UNION ALL
SELECT 'inbox_seconds', coalesce((SELECT extract(epoch FROM clock_timestamp() - i.created_at) FROM paillette.inbox i
                                  ORDER BY i.id LIMIT 1), 0)::double precision
UNION ALL
SELECT 'schema_bytes', coalesce(sum(pg_total_relation_size(oid)), 0)::double precision
FROM pg_class WHERE relnamespace = 'paillette'::regnamespace AND relkind = 'r'

-- name: deadRows
SELECT relname, n_dead_tup::double precision FROM pg_stat_user_tables
WHERE schemaname = 'paillette' AND relname IN ('partition', 'feed', 'broker', 'coordinator_shard', 'coordinator_state')

-- name: hotUpdateRatio
SELECT relname, n_tup_hot_upd::double precision / n_tup_upd FROM pg_stat_user_tables
WHERE schemaname = 'paillette' AND n_tup_upd > 0
  AND relname IN ('partition', 'feed', 'broker', 'coordinator_shard', 'coordinator_state')

-- name: retainedWal
SELECT slot_name, pg_wal_lsn_diff(
    CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END, restart_lsn)::double precision
FROM pg_replication_slots WHERE database = current_database() AND restart_lsn IS NOT NULL
