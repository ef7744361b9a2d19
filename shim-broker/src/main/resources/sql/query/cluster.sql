-- name: createClusterId
INSERT INTO paillette.cluster (id) VALUES (?) ON CONFLICT (only_row) DO NOTHING

-- name: clusterId
SELECT id FROM paillette.cluster

-- name: register
SELECT new_incarnation, holder_heartbeat, holder FROM paillette.register_broker_v1(?, ?, ?, ?, ?, ?, ?, ?)

-- name: heartbeat
SELECT revision, topics_revision, id, incarnation, state, listeners, hosts, ports, rack, sources
FROM paillette.heartbeat_v1(?, ?)

-- name: setState
UPDATE paillette.broker SET state = ? WHERE id = ? AND incarnation = ?

-- Whoever waits for it need not wait for its session to time out.
-- name: leave
UPDATE paillette.broker SET state = 'leaving', heartbeat = '-infinity' WHERE id = ? AND incarnation = ?

-- name: partitionLeaders
SELECT topic_id, index, leader_broker, leader_epoch FROM paillette.partition WHERE revision > ?

-- name: shardLeaders
SELECT shard, leader_broker, leader_epoch FROM paillette.coordinator_shard WHERE revision > ?

-- name: sourceLeaders
SELECT source, leader_broker, owner_epoch FROM paillette.feed WHERE revision > ?

-- Brokers that froze inside a transaction, whose locks a claim waits for; a live one finds its append rolled back, and repeats it.
-- name: endStalled
SELECT count(pg_terminate_backend(a.pid))
FROM pg_stat_activity a
WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND a.backend_type = 'client backend'
  AND a.application_name IN ('paillette writer', 'paillette general', 'paillette groups', 'paillette transactions')
  AND (a.state LIKE 'idle in transaction%' OR a.wait_event = 'ClientRead' AND a.state = 'active')
  AND a.state_change < clock_timestamp() - interval '1 s'

-- Held until the end of the transaction; the key is "paillett" in ASCII.
-- name: lockMigrations
SELECT pg_advisory_xact_lock(x'7061696c6c657474'::bigint)
