-- From 17: not temporary, no two-phase commits, kept on standbys too.
SELECT lsn::text FROM pg_create_logical_replication_slot(?, 'pgoutput', false, false, true)
