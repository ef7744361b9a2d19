SELECT current_setting('server_version_num')::int AS version,
       current_setting('wal_level') AS wal_level,
       current_database()::text AS database,
       current_user::text AS role,
       pg_is_in_recovery() AS in_recovery,
       r.rolsuper AS superuser,
       r.rolsuper OR r.rolreplication OR EXISTS (
           SELECT FROM pg_roles g
           WHERE g.rolname IN ('rds_replication', 'cloudsqlsuperuser', 'azure_pg_admin')
             AND pg_has_role(current_user, g.oid, 'MEMBER')) AS may_replicate,
       (SELECT setting::bigint FROM pg_settings WHERE name = 'wal_sender_timeout') AS wal_sender_timeout_ms,
       current_setting('max_replication_slots')::int AS max_slots,
       (SELECT count(*) FROM pg_replication_slots) AS used_slots,
       current_setting('max_wal_senders')::int AS max_senders,
       (SELECT count(*) FROM pg_stat_replication) AS used_senders,
       (SELECT system_identifier::text FROM pg_control_system()) AS system_identifier,
       -- The control file tells the timeline of the last checkpoint, which after a promotion is the old one.
       CASE WHEN pg_is_in_recovery() THEN '0'
            ELSE left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) END AS timeline,
       CASE WHEN pg_is_in_recovery() THEN '0/0' ELSE pg_current_wal_insert_lsn()::text END AS wal_end
FROM pg_roles r
WHERE r.rolname = current_user
