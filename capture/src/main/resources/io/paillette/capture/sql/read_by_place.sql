-- Until the end of the transaction a table is read from its first block to its last, by one process: not from where another
-- session's reading of it happens to be, nor by an index.
SELECT set_config(s.name, v.setting, true)
FROM (VALUES ('synchronize_seqscans', 'off'),
             ('enable_seqscan', 'on'),
             ('enable_tidscan', 'on'),
             ('enable_bitmapscan', 'off'),
             ('enable_indexscan', 'off'),
             ('enable_indexonlyscan', 'off'),
             ('max_parallel_workers_per_gather', '0'),
             ('jit', 'off')) v(name, setting)
JOIN pg_settings s ON s.name = v.name
