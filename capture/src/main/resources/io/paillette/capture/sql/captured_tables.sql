-- Every table that is captured or still published, with where it belongs and where it is.
-- ${schemas}, ${tables}: patterns for LIKE, pairwise. A partition counts only where no ancestor is captured, and on
-- servers that cannot publish through the root (12) partitions count and roots do not.
-- joining_since: the transaction that marked it as one whose rows are to be read, 0 for none.
-- identified: UPDATE and DELETE of the table do not fail when they are published (docs: 29.1.1 Replica Identity).
WITH matching AS (
    SELECT c.oid, n.nspname, c.relname, c.relkind, c.relispartition
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', ${root_kind})
      AND c.relpersistence = 'p'
      AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'paillette', 'paillette_capture')
      AND n.nspname NOT LIKE 'pg\_toast%'
      AND EXISTS (
          SELECT FROM unnest(${schemas}, ${tables}) AS p(schema_like, table_like)
          WHERE n.nspname LIKE p.schema_like AND c.relname LIKE p.table_like)
), captured AS (
    SELECT m.oid, m.nspname, m.relname, m.relkind
    FROM matching m
    WHERE ${root_kind} = 'r'
       OR NOT m.relispartition
       OR NOT EXISTS (
          SELECT FROM pg_catalog.pg_partition_ancestors(m.oid) a(relid)
          JOIN matching above ON above.oid = a.relid AND above.oid <> m.oid)
), published AS (
    SELECT r.prrelid AS oid,
           bool_or(p.pubname = ${all}) AS in_all,
           bool_or(p.pubname = ${inserts}) AS in_inserts,
           bool_or(p.pubname = ${joining}) AS in_joining,
           max(r.xmin::text::bigint) FILTER (WHERE p.pubname = ${joining}) AS joining_since
    FROM pg_catalog.pg_publication_rel r
    JOIN pg_catalog.pg_publication p ON p.oid = r.prpubid
    WHERE p.pubname IN (${all}, ${inserts}, ${joining})
    GROUP BY r.prrelid
)
SELECT c.oid,
       n.nspname::text AS schema,
       c.relname::text AS name,
       k.oid IS NOT NULL AS captured,
       (SELECT bool_and(
            CASE leaf.relreplident
                WHEN 'f' THEN NOT EXISTS (
                    SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = leaf.oid AND a.attgenerated = 'v')
                WHEN 'd' THEN EXISTS (
                    SELECT FROM pg_catalog.pg_index i
                    WHERE i.indrelid = leaf.oid AND i.indisprimary AND i.indisvalid AND i.indimmediate)
                WHEN 'i' THEN EXISTS (
                    SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = leaf.oid AND i.indisreplident AND i.indisvalid)
                ELSE false
            END)
        FROM pg_catalog.pg_class leaf
        WHERE leaf.oid = c.oid AND c.relkind = 'r'
           OR c.relkind = 'p' AND leaf.oid IN (
               SELECT t.relid FROM pg_catalog.pg_partition_tree(c.oid) t
               WHERE t.isleaf OR NOT EXISTS (
                   SELECT FROM pg_catalog.pg_partition_tree(c.oid) l WHERE l.isleaf))
       ) AS identified,
       coalesce(p.in_all, false) AS in_all,
       coalesce(p.in_inserts, false) AS in_inserts,
       coalesce(p.in_joining, false) AS in_joining,
       coalesce(p.joining_since, 0) AS joining_since
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN captured k ON k.oid = c.oid
LEFT JOIN published p ON p.oid = c.oid
WHERE (k.oid IS NOT NULL OR p.oid IS NOT NULL)
