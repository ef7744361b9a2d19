-- The columns of the key in whose order a table can be read, in the order of its index: a primary key that every change of
-- the table tells, so not under a replica identity that is another index or nothing (of a partitioned table, of none of its
-- partitions). Without overlaps (18) it is no btree. Text of an SQL_ASCII database may be none that can be kept.
-- greater: the operator that the index is ordered by (strategy 5 of btree).
SELECT a.attname::text AS name,
       a.atttypid::int8 AS type_oid,
       a.atttypmod AS type_modifier,
       a.attcollation::int8 AS collation,
       w.amopopr::int8 AS greater
FROM pg_class c
JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary AND i.indisvalid AND i.indimmediate
JOIN pg_class x ON x.oid = i.indexrelid
JOIN pg_am m ON m.oid = x.relam AND m.amname = 'btree'
CROSS JOIN LATERAL unnest(i.indkey::int2[], i.indclass::oid[]) WITH ORDINALITY AS k(attnum, opclass, ord)
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum
JOIN pg_opclass o ON o.oid = k.opclass
JOIN pg_amop w ON w.amopfamily = o.opcfamily AND w.amoplefttype = o.opcintype AND w.amoprighttype = o.opcintype
    AND w.amopstrategy = 5
WHERE c.oid = ?::int8::oid
  AND c.relreplident IN ('d', 'f')
  AND NOT EXISTS (
      SELECT FROM pg_partition_tree(c.oid) t
      JOIN pg_class leaf ON leaf.oid = t.relid
      WHERE leaf.relreplident NOT IN ('d', 'f'))
  AND current_setting('server_encoding') <> 'SQL_ASCII'
  AND k.ord <= i.indnkeyatts
ORDER BY k.ord
