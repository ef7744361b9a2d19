-- What commits asynchronously is flushed after three times so many milliseconds at the latest (docs: Asynchronous Commit).
SELECT setting::int8 AS delay_millis FROM pg_catalog.pg_settings WHERE name = 'wal_writer_delay'
