-- How many rows these tables have, their partitions included, as VACUUM and ANALYZE left it; -1 or 0 is not known.
SELECT coalesce(sum(greatest(leaf.reltuples, 0)), 0)::int8
FROM pg_class leaf
WHERE leaf.relkind = 'r'
  AND leaf.oid IN (
      SELECT asked::oid FROM unnest(?::int8[]) asked
      UNION ALL
      SELECT part.relid FROM unnest(?::int8[]) asked CROSS JOIN LATERAL pg_partition_tree(asked::oid) part)
