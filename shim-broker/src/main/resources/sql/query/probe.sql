-- What the role of the broker may do in the store's database, looked at before the first migration.

-- name: rights
select
    current_user::text as role,
    quote_ident(current_database()) as database,
    pg_is_in_recovery() as in_recovery,
    has_database_privilege(current_database(), 'CREATE') as may_create,
    to_regnamespace('paillette') is not null as schema_exists

-- Whether a write would be refused now. Asks no table.

-- name: isReadOnly
select pg_is_in_recovery() or current_setting('transaction_read_only')::boolean

-- Who serves this statement, and whether its role sets the limits that we would set were the session ours.
-- name: session
select
    pg_backend_pid() as pid,
    quote_ident(current_user) as role,
    quote_ident(current_database()) as database,
    current_setting('statement_timeout') = '0' or current_setting('idle_in_transaction_session_timeout') = '0' as unlimited
