-- Every table that is captured or still published, with where it belongs and where it is.
-- ${schemas}, ${tables}: patterns for LIKE, pairwise; ${included}, ${excluded}: regular expressions. A partition counts only where no ancestor is captured, and on
-- servers that cannot publish through the root (12) partitions count and roots do not.
-- The condition "only" is one on c.oid that begins with AND, or nothing.
-- joining_since: the transaction that marked it as one whose rows are to be read, 0 for none.
-- identified: UPDATE and DELETE of the table do not fail when they are published (docs: 29.1.1 Replica Identity).
WITH RECURSIVE matching AS (
    SELECT c.oid, n.nspname, c.relname, c.relkind, c.relispartition
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', ${root_kind})
      AND c.relpersistence = 'p'
      AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'paillette', 'paillette_capture')
      AND n.nspname NOT LIKE 'pg\_toast%'
      AND (EXISTS (
               SELECT FROM unnest(${schemas}, ${tables}) AS p(schema_like, table_like)
               WHERE n.nspname LIKE p.schema_like AND c.relname LIKE p.table_like)
           OR EXISTS (
               SELECT FROM unnest(${included}) AS i(regex) WHERE n.nspname || '.' || c.relname ~* i.regex))
      AND NOT EXISTS (
          SELECT FROM unnest(${excluded}) AS e(regex) WHERE n.nspname || '.' || c.relname ~* e.regex)
), captured AS (
    SELECT c.oid
    FROM matching c
    WHERE (${root_kind} = 'r'
           OR NOT c.relispartition
           OR NOT EXISTS (
              SELECT FROM pg_catalog.pg_partition_ancestors(c.oid) a(relid)
              JOIN matching above ON above.oid = a.relid AND above.oid <> c.oid))
${only}
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
), listed AS (
    SELECT c.oid, n.nspname, c.relname, c.relkind, c.relreplident,
           k.oid IS NOT NULL AS captured,
           coalesce(p.in_all, false) AS in_all,
           coalesce(p.in_inserts, false) AS in_inserts,
           coalesce(p.in_joining, false) AS in_joining,
           coalesce(p.joining_since, 0) AS joining_since
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN captured k ON k.oid = c.oid
    LEFT JOIN published p ON p.oid = c.oid
    WHERE (k.oid IS NOT NULL OR p.oid IS NOT NULL)
${only}
), tree(root, relid) AS (
    -- Not pg_partition_tree: it waits for whoever has a partition locked.
    SELECT l.oid, l.oid FROM listed l WHERE l.relkind = 'p'
    UNION ALL
    SELECT t.root, i.inhrelid FROM tree t JOIN pg_catalog.pg_inherits i ON i.inhparent = t.relid
), leaf AS (
    SELECT l.oid AS root, l.oid, l.relreplident FROM listed l WHERE l.relkind <> 'p'
    UNION ALL
    SELECT m.root, m.oid, m.relreplident
    FROM (
        SELECT t.root, c.oid, c.relreplident, c.relkind,
               bool_and(c.relkind = 'p') OVER (PARTITION BY t.root) AS has_no_leaf
        FROM tree t
        JOIN pg_catalog.pg_class c ON c.oid = t.relid
    ) m
    WHERE m.has_no_leaf OR m.relkind <> 'p'
), identity AS (
    SELECT leaf.root, bool_and(
        CASE leaf.relreplident
            WHEN 'f' THEN NOT EXISTS (
                SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = leaf.oid AND a.attgenerated = 'v')
            WHEN 'd' THEN EXISTS (
                SELECT FROM pg_catalog.pg_index i
                WHERE i.indrelid = leaf.oid AND i.indisprimary AND i.indisvalid AND i.indimmediate)
            WHEN 'i' THEN EXISTS (
                SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = leaf.oid AND i.indisreplident AND i.indisvalid)
            ELSE false
        END) AS identified
    FROM leaf
    GROUP BY leaf.root
)
SELECT l.oid, l.nspname::text AS schema, l.relname::text AS name, l.captured, i.identified,
       l.in_all, l.in_inserts, l.in_joining, l.joining_since
FROM listed l
JOIN identity i ON i.root = l.oid
