-- How far the WAL is flushed, and the milliseconds that what commits asynchronously waits for it, at most three times.
SELECT pg_current_wal_flush_lsn()::text AS flushed,
       (SELECT setting::int8 FROM pg_catalog.pg_settings WHERE name = 'wal_writer_delay') AS delay_millis
