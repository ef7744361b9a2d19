-- Coordinator shards and their state: paillette.coordinator_*.

-- name: lock_shards
LOCK TABLE paillette.coordinator_shard IN SHARE ROW EXCLUSIVE MODE

-- name: create_shards
INSERT INTO paillette.coordinator_shard (shard)
SELECT generate_series(0, ? - 1)
WHERE NOT EXISTS (SELECT FROM paillette.coordinator_shard)

-- name: count_shards
SELECT count(*)::integer FROM paillette.coordinator_shard

-- Locked in number order, as every group commit does.
-- name: claim_shards
WITH locked AS (SELECT shard FROM paillette.coordinator_shard ORDER BY shard FOR NO KEY UPDATE)
UPDATE paillette.coordinator_shard s
SET leader_epoch = s.leader_epoch + 1, claimed_at = clock_timestamp()
FROM locked l
WHERE s.shard = l.shard
RETURNING s.shard, s.leader_epoch, s.next_offset

-- name: reclaim_shard
UPDATE paillette.coordinator_shard
SET leader_epoch = leader_epoch + 1, claimed_at = clock_timestamp()
WHERE shard = ? AND leader_epoch = ?
RETURNING shard, leader_epoch, next_offset

-- name: positions
SELECT shard, leader_epoch, next_offset FROM paillette.coordinator_shard WHERE shard = ANY (?)

-- name: load_state
SELECT key, value, state_offset, -1::bigint AS producer_id, -1::smallint AS producer_epoch
FROM paillette.coordinator_state WHERE shard = ?
UNION ALL
SELECT key, value, state_offset, producer_id, producer_epoch
FROM paillette.coordinator_pending WHERE shard = ?
ORDER BY state_offset

-- name: commit
SELECT paillette.commit_coordinator_shards_v1(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
