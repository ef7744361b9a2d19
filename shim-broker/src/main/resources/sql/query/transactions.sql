-- Transactions and who takes part in them: paillette.transaction*.

-- name: load
SELECT t.version, t.producer_id, t.producer_epoch, t.last_producer_epoch, t.previous_producer_id, t.next_producer_id,
       t.client_version, t.timeout_ms, t.state, (extract(epoch FROM t.started_at) * 1000)::bigint,
       p.topic_ids, p.indexes, s.shards
FROM paillette.transaction t
CROSS JOIN LATERAL (
    SELECT array_agg(q.topic_id ORDER BY q.topic_id, q.index) AS topic_ids, array_agg(q.index ORDER BY q.topic_id, q.index) AS indexes
    FROM paillette.transaction_partition q WHERE q.producer_id = t.producer_id) AS p
CROSS JOIN LATERAL (
    SELECT array_agg(r.shard ORDER BY r.shard) AS shards FROM paillette.transaction_shard r WHERE r.producer_id = t.producer_id) AS s
WHERE sha256(t.transactional_id) = sha256(?)

-- name: save
SELECT paillette.save_transaction_v1(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)

-- Those about to end of which this broker leads a participant, or of which nobody is left.
-- name: endings
SELECT t.producer_id, t.producer_epoch, t.state = 'prepare_commit', t.client_version, p.topic_ids, p.indexes, s.shards
FROM paillette.transaction t
CROSS JOIN LATERAL (
    SELECT count(*) AS alive,
           array_agg(q.topic_id ORDER BY q.id) FILTER (WHERE q.leader_broker = ?) AS topic_ids,
           array_agg(q.index ORDER BY q.id) FILTER (WHERE q.leader_broker = ?) AS indexes
    FROM paillette.transaction_partition x
    JOIN paillette.partition q ON q.topic_id = x.topic_id AND q.index = x.index
    WHERE x.producer_id = t.producer_id) AS p
CROSS JOIN LATERAL (
    SELECT count(*) AS alive, array_agg(c.shard ORDER BY c.shard) FILTER (WHERE c.leader_broker = ?) AS shards
    FROM paillette.transaction_shard x
    JOIN paillette.coordinator_shard c ON c.shard = x.shard
    WHERE x.producer_id = t.producer_id) AS s
WHERE t.state IN ('prepare_commit', 'prepare_abort')
  AND (p.topic_ids IS NOT NULL OR s.shards IS NOT NULL OR p.alive + s.alive = 0)

-- name: finish
SELECT paillette.finish_transaction_v1(?, ?, ?, ?, ?)

-- name: timedOut
SELECT transactional_id FROM paillette.transaction
WHERE state = 'ongoing' AND started_at + timeout_ms * interval '1 ms' < clock_timestamp()

-- name: list
SELECT transactional_id, producer_id, state, (extract(epoch FROM clock_timestamp() - started_at) * 1000)::bigint
FROM paillette.transaction ORDER BY transactional_id

-- name: expire
DELETE FROM paillette.transaction
WHERE state IN ('empty', 'complete_commit', 'complete_abort') AND updated_at < clock_timestamp() - ? * interval '1 ms'
