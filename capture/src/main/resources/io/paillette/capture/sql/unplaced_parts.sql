-- Why the rows of a table, or of some of its partitions, cannot be read by their place; nulls where they can.
-- otherwise_told: partitions whose changes are told by a key of their own, which the table's changes, told as its own, do not have.
-- told_by_key: changes of some of its rows tell the key of the old row, and not the whole row.
-- untold: it has a primary key, and changes may be told by other columns alone. A deferrable primary key identifies nothing to Postgres.
SELECT string_agg(c.oid::regclass::text, ', ' ORDER BY c.oid) FILTER (WHERE c.relkind = 'f') AS foreign_tables,
       string_agg(c.oid::regclass::text, ', ' ORDER BY c.oid) FILTER (WHERE c.relkind = 'r' AND m.amname <> 'heap')
           AS stored_otherwise,
       string_agg(c.oid::regclass::text, ', ' ORDER BY c.oid)
           FILTER (WHERE c.relkind = 'r'
                     AND NOT (has_schema_privilege(c.relnamespace, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')))
           AS unreadable,
       string_agg(c.oid::regclass::text, ', ' ORDER BY c.oid)
           FILTER (WHERE c.oid <> ?::int8::oid
                     AND c.relkind = 'r'
                     AND ((c.relreplident = 'd'
                           AND EXISTS (
                               SELECT FROM pg_index i
                               WHERE i.indrelid = c.oid AND i.indisprimary AND i.indisvalid AND i.indimmediate))
                          OR (c.relreplident = 'i'
                              AND NOT EXISTS (
                                  SELECT FROM pg_index own
                                  JOIN pg_index whole ON whole.indrelid = ?::int8::oid AND whole.indisreplident
                                  WHERE own.indrelid = c.oid
                                    AND own.indisreplident
                                    AND whole.indexrelid IN (
                                        SELECT a.relid::oid FROM pg_partition_ancestors(own.indexrelid::regclass) a)))))
           AS otherwise_told,
       coalesce(
           bool_or(c.relreplident = 'i'
                   OR (c.relreplident = 'd'
                       AND EXISTS (
                           SELECT FROM pg_index i
                           WHERE i.indrelid = c.oid AND i.indisprimary AND i.indisvalid AND i.indimmediate)))
               FILTER (WHERE c.relkind = 'r'),
           false) AS told_by_key,
       coalesce(bool_or(c.relreplident = 'i'), false)
           AND EXISTS (SELECT FROM pg_index i WHERE i.indrelid = ?::int8::oid AND i.indisprimary) AS untold
FROM pg_class c
LEFT JOIN pg_am m ON m.oid = c.relam
WHERE c.oid IN (SELECT ?::int8::oid UNION ALL SELECT t.relid::oid FROM pg_partition_tree(?::int8::oid::regclass) t)
