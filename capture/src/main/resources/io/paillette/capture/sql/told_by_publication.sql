-- Whether the publication ? is there, and which tables it tells, with those that they are partitions of.
SELECT t.schemaname::text AS schema, t.tablename::text AS name,
       ARRAY(SELECT an.nspname::text
             FROM pg_catalog.pg_partition_ancestors(c.oid) a(relid)
             JOIN pg_catalog.pg_class ac ON ac.oid = a.relid AND ac.oid <> c.oid
             JOIN pg_catalog.pg_namespace an ON an.oid = ac.relnamespace
             ORDER BY ac.oid) AS root_schemas,
       ARRAY(SELECT ac.relname::text
             FROM pg_catalog.pg_partition_ancestors(c.oid) a(relid)
             JOIN pg_catalog.pg_class ac ON ac.oid = a.relid AND ac.oid <> c.oid
             ORDER BY ac.oid) AS roots
FROM pg_catalog.pg_publication p
LEFT JOIN pg_catalog.pg_publication_tables t ON t.pubname = p.pubname
LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = t.schemaname
LEFT JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = t.tablename
WHERE p.pubname = ?
