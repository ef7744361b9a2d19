-- Why the rows of a table, or of some of its partitions, cannot be read by their place; nulls where they can.
-- untold: it has a primary key, and changes may be told by other columns alone.
SELECT string_agg(c.oid::regclass::text, ', ' ORDER BY c.oid) FILTER (WHERE c.relkind = 'f') AS foreign_tables,
       string_agg(c.oid::regclass::text, ', ' ORDER BY c.oid) FILTER (WHERE c.relkind = 'r' AND m.amname <> 'heap')
           AS stored_otherwise,
       string_agg(c.oid::regclass::text, ', ' ORDER BY c.oid)
           FILTER (WHERE c.relkind = 'r'
                     AND NOT (has_schema_privilege(c.relnamespace, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')))
           AS unreadable,
       coalesce(bool_or(c.relreplident = 'i'), false)
           AND EXISTS (SELECT FROM pg_index i WHERE i.indrelid = ?::int8::oid AND i.indisprimary) AS untold
FROM pg_class c
LEFT JOIN pg_am m ON m.oid = c.relam
WHERE c.oid IN (SELECT ?::int8::oid UNION ALL SELECT t.relid::oid FROM pg_partition_tree(?::int8::oid::regclass) t)
