SELECT n.nspname::text AS schema, c.relname::text AS name, c.relreplident::text AS identity, c.relkind::text AS kind
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.oid = ?::int8::oid
