-- A partition of the table at any depth that has rows of its own and another replica identity than FULL.
WITH RECURSIVE part (oid) AS (
    SELECT inhrelid FROM pg_catalog.pg_inherits
    JOIN pg_catalog.pg_class root ON root.oid = inhparent
    WHERE inhparent = ?::int8::oid AND root.relkind = 'p'
    UNION ALL
    SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN part ON i.inhparent = part.oid)
SELECT format('%I.%I', n.nspname, c.relname)
FROM part
JOIN pg_catalog.pg_class c ON c.oid = part.oid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind <> 'p' AND c.relreplident <> 'f'
ORDER BY 1
LIMIT 1
