-- Until the end of the transaction rows are read in the order of an index and not sorted, or by their place, whatever the planner
-- would prefer: it does not know that all of the rest is wanted too.
SELECT set_config(s.name, v.setting, true)
FROM (VALUES ('enable_seqscan', 'off'),
             ('enable_bitmapscan', 'off'),
             ('enable_sort', 'off'),
             ('enable_incremental_sort', 'off'),
             ('enable_indexscan', 'on'),
             ('enable_indexonlyscan', 'on'),
             ('enable_tidscan', 'on'),
             ('max_parallel_workers_per_gather', '0'),
             ('jit', 'off')) v(name, setting)
JOIN pg_settings s ON s.name = v.name
