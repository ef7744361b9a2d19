-- Who goes away in the middle of a long condition does not leave it to the server (14 and newer; docs: Client Connection Defaults).
SELECT set_config(name, '1s', false)
FROM pg_catalog.pg_settings
WHERE name = 'client_connection_check_interval' AND version() LIKE '%linux%'
