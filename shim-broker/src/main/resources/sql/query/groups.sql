-- Coordinator shards and their state: paillette.coordinator_*.

-- name: lock_shards
LOCK TABLE paillette.coordinator_shard IN SHARE ROW EXCLUSIVE MODE

-- name: create_shards
INSERT INTO paillette.coordinator_shard (shard)
SELECT generate_series(0, ? - 1)
WHERE NOT EXISTS (SELECT FROM paillette.coordinator_shard)

-- name: count_shards
SELECT count(*)::integer FROM paillette.coordinator_shard

-- name: claim_shards
SELECT shard, leader_epoch, next_offset FROM paillette.claim_coordinator_shards_v1(?, ?, ?)

-- name: release_shards
WITH change AS MATERIALIZED (SELECT paillette.next_revision_v1() AS revision),
locked AS MATERIALIZED (
    SELECT s.shard, change.revision
    FROM change, paillette.coordinator_shard s
    JOIN unnest(?::integer[], ?::integer[]) AS w (shard, epoch) ON s.shard = w.shard AND s.leader_epoch = w.epoch
    ORDER BY s.shard
    FOR NO KEY UPDATE OF s)
UPDATE paillette.coordinator_shard s SET leader_broker = NULL, revision = locked.revision
FROM locked WHERE s.shard = locked.shard

-- name: reclaim_shard
WITH change AS MATERIALIZED (SELECT paillette.next_revision_v1() AS revision)
UPDATE paillette.coordinator_shard s
SET leader_epoch = s.leader_epoch + 1, revision = change.revision, claimed_at = clock_timestamp()
FROM change WHERE s.shard = ? AND s.leader_epoch = ?
RETURNING s.shard, s.leader_epoch, s.next_offset

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

-- What the next statements of this transaction read belongs together.
-- name: one_snapshot
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ

-- name: sql_offsets
SELECT topic_id, topic, partition, committed_offset, metadata, unstable FROM paillette.sql_offsets_v1(?, ?, ?)

-- name: forget_sql_offsets
DELETE FROM paillette.sql_offset WHERE md5(group_id) = md5(?) AND group_id = ?

-- name: forget_sql_offset
DELETE FROM paillette.sql_offset WHERE md5(group_id) = md5(?) AND group_id = ? AND topic_id = ? AND partition = ANY (?)
