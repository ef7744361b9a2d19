-- Columns that compare in another way than their type does by itself.
SELECT a.attname, format('%I.%I', n.nspname, l.collname)
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
JOIN pg_catalog.pg_collation l ON l.oid = a.attcollation
JOIN pg_catalog.pg_namespace n ON n.oid = l.collnamespace
WHERE a.attrelid = ?::int8::oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attcollation <> t.typcollation
