-- name: append
SELECT refused_partitions, refused_sources
FROM paillette.append_v1(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)

-- name: advance
SELECT refused_partitions, refused_sources FROM paillette.advance_v1(?, ?, ?, ?, ?, ?, ?)

-- name: copyBatches
COPY paillette.batch (partition_id, base_offset, last_offset, max_timestamp, producer_id, size,
                      leader_epoch, base_sequence, producer_epoch, attributes, body) FROM STDIN BINARY

-- Locking waits for a transaction that still holds the rows: what it reads is final.
-- name: positions
SELECT id, leader_epoch, next_offset FROM paillette.partition WHERE id = ANY (?) ORDER BY id FOR NO KEY UPDATE

-- name: claim
SELECT id, topic_id, index, leader_epoch, log_start_offset, next_offset FROM paillette.claim_partitions_v1(?, ?, ?, ?)

-- name: release
SELECT paillette.release_partitions_v1(?, ?)

-- name: read
SELECT body FROM paillette.read_batches_v1(?, ?, ?, ?, ?) AS body

-- name: firstAtOrAfter
SELECT body FROM paillette.batch
WHERE partition_id = ? AND last_offset >= ? AND last_offset < ? AND max_timestamp >= ?
ORDER BY last_offset LIMIT 1

-- name: latestByTimestamp
SELECT body FROM paillette.batch
WHERE partition_id = ? AND last_offset >= ? AND last_offset < ? AND max_timestamp >= 0
ORDER BY max_timestamp DESC, last_offset LIMIT 1

-- name: endOfEpoch
SELECT max(epoch) FILTER (WHERE epoch <= ?), min(start_offset) FILTER (WHERE epoch > ?)
FROM paillette.leader_epoch WHERE partition_id = ?

-- name: producerSnapshot
SELECT upto_offset, state FROM paillette.producer_snapshot WHERE partition_id = ?

-- name: producerBatches
SELECT base_offset, last_offset, max_timestamp, producer_id, leader_epoch, base_sequence, producer_epoch, attributes
FROM paillette.batch WHERE partition_id = ? AND last_offset >= ? AND last_offset < ? AND producer_id >= 0
ORDER BY last_offset

-- Only the leader of that epoch may write it: an older one would cover less than it says.
-- name: saveProducerSnapshot
INSERT INTO paillette.producer_snapshot AS s (partition_id, upto_offset, state)
SELECT p.id, ?, ? FROM paillette.partition p WHERE p.id = ? AND p.leader_epoch = ?
ON CONFLICT (partition_id) DO UPDATE SET upto_offset = excluded.upto_offset, state = excluded.state
WHERE s.upto_offset < excluded.upto_offset

-- name: nextProducerIdBlock
SELECT nextval('paillette.producer_id_block')

-- Brokers that delete at the same time take different ones.
-- name: someDroppedPartition
SELECT partition_id FROM paillette.dropped_partition ORDER BY partition_id LIMIT 1 FOR UPDATE SKIP LOCKED

-- name: deleteDroppedBatches
DELETE FROM paillette.batch
WHERE partition_id = ?
  AND last_offset <= (SELECT max(last_offset) FROM (
      SELECT last_offset FROM paillette.batch WHERE partition_id = ? ORDER BY last_offset LIMIT 500) AS chunk)

-- name: deleteDroppedEpochs
DELETE FROM paillette.leader_epoch WHERE partition_id = ?

-- name: deleteDroppedSnapshot
DELETE FROM paillette.producer_snapshot WHERE partition_id = ?

-- name: forgetDroppedPartition
DELETE FROM paillette.dropped_partition WHERE partition_id = ?
