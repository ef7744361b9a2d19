-- Transactions that may have written the table or a partition of it: they hold their locks until they end.
WITH asked AS (SELECT ?::int8::oid AS oid)
SELECT l.virtualtransaction
FROM pg_locks l
WHERE l.locktype = 'relation'
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND l.relation IN (
      SELECT oid FROM asked
      UNION ALL
      SELECT t.relid FROM asked CROSS JOIN LATERAL pg_partition_tree(asked.oid) t)
  AND l.granted
  AND l.mode NOT IN ('AccessShareLock', 'RowShareLock', 'ShareUpdateExclusiveLock')
