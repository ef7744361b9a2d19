-- Of tables of which the role may not read all that may be asked for again: the columns that an update can leave out of the WAL,
-- and those of the key, by which is asked. hidden: a policy hides rows from the role.
SELECT asked.schema, asked.name, asked.column_name, asked.in_key, asked.large, asked.readable, asked.hidden
FROM (
    SELECT n.nspname::text AS schema, c.relname::text AS name, a.attname::text AS column_name, a.attnum,
           k.in_key, a.attstorage <> 'p' AS large, k.readable, k.hidden,
           bool_or(k.hidden OR NOT k.readable) OVER (PARTITION BY c.oid) AS lacking
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    CROSS JOIN LATERAL (
        SELECT EXISTS (
                   SELECT FROM pg_index i
                   WHERE i.indrelid = c.oid AND (i.indisprimary OR i.indisreplident)
                     AND a.attnum = ANY ((i.indkey::int2[])[0:i.indnkeyatts - 1])) AS in_key,
               has_schema_privilege(n.oid, 'USAGE') AND has_column_privilege(c.oid, a.attnum, 'SELECT') AS readable,
               row_security_active(c.oid) AS hidden) k
    WHERE c.oid = ANY (?::oid[]) AND (k.in_key OR a.attstorage <> 'p')) asked
WHERE asked.lacking
ORDER BY asked.schema, asked.name, asked.attnum
