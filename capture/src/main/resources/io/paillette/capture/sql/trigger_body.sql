SELECT p.prosrc
FROM pg_event_trigger t
JOIN pg_proc p ON p.oid = t.evtfoid
JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE t.evtname = ? AND n.nspname = 'paillette_capture' AND t.evtenabled = 'A'
