-- The first table from an OID on that holds rows of this one: the table itself, or a partition that has none.
-- As the transaction's snapshot has them: pg_partition_tree would tell those as well that were attached since, of whose rows the snapshot
-- sees some and the stream tells some, and none the rest. The column that says that one is being detached came with Postgres 14.
-- file: another one once the table was written anew (VACUUM FULL, CLUSTER, TRUNCATE, a changed type), and its rows elsewhere.
-- blocks: asked for after the snapshot was taken, so that all rows that it sees lie before.
-- most_in_block: as many line pointers as fit. in_block: rows, as VACUUM and ANALYZE left it; null where neither has been there.
WITH RECURSIVE part(oid) AS (
    SELECT ?::int8::oid
    UNION ALL
    SELECT i.inhrelid
    FROM part p
    JOIN pg_catalog.pg_inherits i ON i.inhparent = p.oid
    JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid AND c.relispartition
    WHERE NOT coalesce((pg_catalog.to_jsonb(i) ->> 'inhdetachpending')::bool, false)
)
SELECT c.oid::int8 AS oid,
       n.nspname::text AS schema,
       c.relname::text AS name,
       pg_catalog.pg_relation_filenode(c.oid)::int8 AS file,
       pg_catalog.pg_relation_size(c.oid) / pg_catalog.current_setting('block_size')::int8 AS blocks,
       (pg_catalog.current_setting('block_size')::int8 - 24) / 28 AS most_in_block,
       CASE WHEN c.relpages > 0 AND c.reltuples > 0 THEN (c.reltuples / c.relpages)::float8 END AS in_block
FROM part
JOIN pg_catalog.pg_class c ON c.oid = part.oid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r'
  AND c.oid::int8 >= ?
ORDER BY c.oid
LIMIT 1
