-- As the rows of the catalog have it: by which transactions the partitions of a table, and theirs, were attached.
SELECT i.xmin::text::int8
FROM pg_inherits i
JOIN pg_partition_tree(?::int8::oid::regclass) t ON t.relid = i.inhrelid
