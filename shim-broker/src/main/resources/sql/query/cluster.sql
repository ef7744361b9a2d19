-- name: createClusterId
INSERT INTO paillette.cluster (id) VALUES (?) ON CONFLICT (only_row) DO NOTHING

-- name: clusterId
SELECT id FROM paillette.cluster

-- name: registerBroker
INSERT INTO paillette.broker AS b (id, host, port, rack) VALUES (?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE
SET incarnation = b.incarnation + 1, host = excluded.host, port = excluded.port, rack = excluded.rack, heartbeat = now()

-- Held until the end of the transaction; the key is "paillett" in ASCII.
-- name: lockMigrations
SELECT pg_advisory_xact_lock(x'7061696c6c657474'::bigint)
