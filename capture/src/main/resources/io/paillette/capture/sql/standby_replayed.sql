-- Whether the standby has replayed the WAL up to ? and so knows the publications that were made before.
SELECT coalesce(pg_last_wal_replay_lsn() >= ?::pg_lsn, false) AS replayed
