-- In this order: a commit at or beyond the WAL position is not in the snapshot.
SELECT s.snapshot::text, pg_current_wal_insert_lsn()::text
FROM (SELECT ${snapshot} AS snapshot OFFSET 0) s
