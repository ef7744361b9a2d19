-- "paillette.batch" stands for the segment table of the moment: the adapter puts its name there, so plans are kept as long as
-- the segment is written to.
-- name: append
WITH advanced AS MATERIALIZED (
    SELECT refused_partitions, refused_sources FROM paillette.advance_v1(?, ?, ?, ?, ?, ?, ?, ?)
), written AS (
    INSERT INTO paillette.batch (partition_id, base_offset, last_offset, max_timestamp, producer_id, size,
                                 leader_epoch, base_sequence, producer_epoch, attributes, body)
    SELECT b.partition_id, b.base_offset, b.last_offset, b.max_timestamp, b.producer_id, length(b.body),
           b.leader_epoch, b.base_sequence, b.producer_epoch, b.attributes, b.body
    FROM advanced
    CROSS JOIN unnest(?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[],
                      ?::integer[], ?::integer[], ?::smallint[], ?::smallint[], ?::bytea[])
        AS b (partition_id, base_offset, last_offset, max_timestamp, producer_id,
              leader_epoch, base_sequence, producer_epoch, attributes, body)
    WHERE advanced.refused_partitions = '{}' AND advanced.refused_sources = '{}'
), taken AS (
    SELECT paillette.take_published_v1(p.partition_ids, p.ids)
    FROM advanced CROSS JOIN (VALUES (?::bigint[], ?::bigint[])) AS p (partition_ids, ids)
    WHERE advanced.refused_partitions = '{}' AND advanced.refused_sources = '{}' AND p.ids <> '{}'
)
SELECT refused_partitions, refused_sources, (SELECT count(*) FROM taken) AS takings FROM advanced

-- name: advance
SELECT refused_partitions, refused_sources FROM paillette.advance_v1(?, ?, ?, ?, ?, ?, ?, ?)

-- name: copyBatches
COPY paillette.batch (partition_id, base_offset, last_offset, max_timestamp, producer_id, size,
                      leader_epoch, base_sequence, producer_epoch, attributes, body) FROM STDIN BINARY

-- Locking waits for a transaction that still holds the rows: what it reads is final.
-- name: positions
SELECT id, leader_epoch, next_offset FROM paillette.partition WHERE id = ANY (?) ORDER BY id FOR NO KEY UPDATE

-- name: claim
SELECT id, topic_id, index, leader_epoch, log_start_offset, next_offset FROM paillette.claim_partitions_v1(?, ?, ?, ?)

-- name: look
SELECT id, topic_id, index, leader_epoch, log_start_offset, next_offset FROM paillette.partition WHERE topic_id = ? ORDER BY index

-- name: release
SELECT paillette.release_partitions_v1(?, ?)

-- Rows, not one value of all: putting them together costs Postgres more than it saves the broker (ADR 15).
-- name: read
SELECT body FROM paillette.read_batches_v1(?, ?, ?, ?, ?) AS body

-- name: firstAtOrAfter
SELECT paillette.first_at_or_after_v1(?, ?, ?, ?)

-- name: latestByTimestamp
SELECT paillette.latest_by_timestamp_v1(?, ?, ?)

-- name: endOfEpoch
SELECT max(epoch) FILTER (WHERE epoch <= ?), min(start_offset) FILTER (WHERE epoch > ?)
FROM paillette.leader_epoch WHERE partition_id = ?

-- name: producerSnapshot
SELECT upto_offset, state FROM paillette.producer_snapshot WHERE partition_id = ?

-- name: producerBatches
SELECT base_offset, last_offset, max_timestamp, producer_id, leader_epoch, base_sequence, producer_epoch, attributes
FROM paillette.producer_batches_v1(?, ?, ?)

-- Only the leader of that epoch may write it: an older one would cover less than it says.
-- name: saveProducerSnapshot
INSERT INTO paillette.producer_snapshot AS s (partition_id, upto_offset, state)
SELECT p.id, ?, ? FROM paillette.partition p WHERE p.id = ? AND p.leader_epoch = ?
ON CONFLICT (partition_id) DO UPDATE SET upto_offset = excluded.upto_offset, state = excluded.state
WHERE s.upto_offset < excluded.upto_offset

-- name: nextProducerIdBlock
SELECT nextval('paillette.producer_id_block')

-- In the transaction of the marker's append.
-- name: insertAborted
INSERT INTO paillette.aborted_transaction (partition_id, last_offset, producer_id, first_offset, stable_offset)
SELECT * FROM unnest(?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[])

-- name: aborted
SELECT producer_id, first_offset, last_offset, stable_offset FROM paillette.aborted_transactions_v1(?, ?, ?)

-- Of these partitions, those that a transaction has written to, or may write to.
-- name: openPartitions
WITH wanted AS (SELECT * FROM unnest(?::uuid[], ?::integer[]) AS w (topic_id, index))
SELECT w.topic_id, w.index
FROM wanted w
JOIN paillette.transaction_partition p ON p.topic_id = w.topic_id AND p.index = w.index
UNION
SELECT w.topic_id, w.index
FROM wanted w
JOIN paillette.topic t ON t.id = w.topic_id
JOIN paillette.feed f ON f.source = t.source AND f.producer_id IS NOT NULL
