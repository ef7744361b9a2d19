-- Who goes away in the middle of a long condition does not leave it to the server (14 and newer; docs: Client Connection
-- Defaults), and how long that may take is our affair (17 and newer).
SELECT set_config(name, CASE name WHEN 'transaction_timeout' THEN '0' ELSE '1s' END, false)
FROM pg_catalog.pg_settings
WHERE name = 'transaction_timeout' OR (name = 'client_connection_check_interval' AND version() LIKE '%linux%')
