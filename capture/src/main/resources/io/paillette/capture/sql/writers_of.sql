-- Transactions that may have written the table or a partition of it: they hold their locks until they end.
WITH RECURSIVE written(oid) AS (
    SELECT ?::int8::oid
    UNION ALL
    SELECT i.inhrelid FROM written JOIN pg_inherits i ON i.inhparent = written.oid
)
SELECT l.virtualtransaction
FROM pg_locks l
WHERE l.locktype = 'relation'
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND l.relation IN (SELECT oid FROM written)
  AND l.granted
  AND l.mode NOT IN ('AccessShareLock', 'RowShareLock', 'ShareUpdateExclusiveLock')
