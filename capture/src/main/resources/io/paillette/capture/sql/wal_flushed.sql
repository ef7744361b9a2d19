-- How far the WAL sender ? has to read to have read all that is flushed. It sends whole records only, and the WAL may be flushed
-- up to the middle of one: where it waits for more it has read all there is.
SELECT pg_current_wal_flush_lsn()::text AS flushed,
       (SELECT r.sent_lsn::text
        FROM pg_catalog.pg_stat_replication r
        JOIN pg_catalog.pg_stat_activity a ON a.pid = r.pid
        WHERE r.pid = ? AND lower(a.wait_event) = 'walsenderwaitforwal') AS all_read
