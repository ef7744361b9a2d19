-- Bytes of a table's rows, those of its partitions among them.
SELECT pg_table_size(?::int8::oid::regclass) + coalesce((
    SELECT sum(pg_table_size(t.relid)) FROM pg_partition_tree(?::int8::oid::regclass) t WHERE t.isleaf), 0)
