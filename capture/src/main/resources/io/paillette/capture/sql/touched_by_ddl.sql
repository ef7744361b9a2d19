-- Tables that the statement was for, and those whose partitions they are. What a dropped index was on is not told.
AND (tg_tag = 'DROP INDEX'
     OR c.oid IN (
         SELECT coalesce(a.relid, d.objid)
         FROM pg_event_trigger_ddl_commands() d
         LEFT JOIN LATERAL pg_partition_ancestors(d.objid) a(relid) ON true
         WHERE d.classid = 'pg_class'::regclass))
