-- A slot of a standby begins with the next such record; the server writes one by itself every 15 seconds if anything happens.
SELECT pg_log_standby_snapshot()
