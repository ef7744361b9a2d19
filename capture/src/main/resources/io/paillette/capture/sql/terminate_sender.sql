-- Only while it is still the one that reads the slot: pids come again.
SELECT pg_terminate_backend(s.active_pid) FROM pg_replication_slots s WHERE s.active_pid = ? AND s.slot_name = ?
