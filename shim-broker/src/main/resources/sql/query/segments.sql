-- name: segmentAfter
SELECT paillette.segment_after_v1(?, ?)

-- Size 0 as long as it has no row. Asked of the newest alone: the others may be thousands, and who asks for the size of a table
-- waits for whoever drops it.
-- name: newest
SELECT s.class, s.id, (extract(epoch FROM now() - s.created_at) * 1000)::bigint,
       CASE WHEN pg_relation_size(c.oid) = 0 THEN 0 ELSE pg_total_relation_size(c.oid) END
FROM (SELECT max(n.id) AS id FROM paillette.segment n GROUP BY n.class) AS newest
JOIN paillette.segment s ON s.id = newest.id
JOIN pg_class c ON c.relname = 'batch_' || s.id AND c.relnamespace = 'paillette'::regnamespace

-- name: unmeasured
SELECT s.id FROM paillette.segment s
WHERE NOT s.measured AND s.class <> ? AND EXISTS (SELECT 1 FROM paillette.segment n WHERE n.class = s.class AND n.id > s.id)
ORDER BY s.id LIMIT 1

-- name: measureSegment
SELECT paillette.measure_segment_v1(?)

-- name: dead
SELECT s.id FROM paillette.segment s WHERE paillette.segment_is_dead_v1(s.id) ORDER BY s.id

-- name: drop
SELECT paillette.drop_segment_v1(?)

-- The last range of a partition is mostly not measured: then its newest batch says whether that is worth it.
-- name: ranges
SELECT i.partition_id, r.range_start, r.below, r.is_last, r.known,
       CASE WHEN r.known AND r.max_timestamp < 0 AND r.bytes > 0 -- no record has a time: that of the table, as Kafka's file
            THEN (SELECT (extract(epoch FROM s.created_at) * 1000)::bigint FROM paillette.segment s WHERE s.id = r.segment_id)
            WHEN r.known THEN r.max_timestamp
            WHEN r.is_last THEN paillette.newest_timestamp_v1(i.partition_id, r.segment_id, r.first_offset) END,
       r.bytes, p.next_offset
FROM unnest(?::bigint[]) AS i (partition_id)
JOIN paillette.partition p ON p.id = i.partition_id
CROSS JOIN LATERAL paillette.ranges_v1(i.partition_id, 0, 9223372036854775807) AS r

-- name: measure
SELECT paillette.measure_range_v1(?, ?)

-- name: offsetKeeping
SELECT paillette.offset_keeping_v1(?, ?, ?)

-- Never moves back, and only the leader of that epoch moves it. Answers where it is.
-- name: moveLogStart
WITH moved AS (
    UPDATE paillette.partition p SET log_start_offset = greatest(p.log_start_offset, ?)
    WHERE p.id = ? AND p.leader_epoch = ? AND p.next_offset >= ?
    RETURNING p.id, p.log_start_offset
), forgotten AS (
    DELETE FROM paillette.aborted_transaction a USING moved
    WHERE a.partition_id = moved.id AND a.last_offset < moved.log_start_offset
)
SELECT log_start_offset FROM moved

-- name: deleteRows
SELECT paillette.delete_rows_v1(?, ?, ?, ?)

-- Brokers that delete at the same time take different ones: who waits for another's deletion finds nothing and would believe
-- that nothing is left.
-- name: dropped
SELECT partition_id FROM paillette.dropped_partition ORDER BY partition_id LIMIT 100 FOR UPDATE SKIP LOCKED

-- name: forgetEpochs
DELETE FROM paillette.leader_epoch WHERE partition_id = ANY (?)

-- name: forgetProducers
DELETE FROM paillette.producer_snapshot WHERE partition_id = ANY (?)

-- name: forgetAborted
DELETE FROM paillette.aborted_transaction WHERE partition_id = ANY (?)

-- name: forgetCompaction
DELETE FROM paillette.compaction WHERE partition_id = ANY (?)

-- name: forgetRanges
DELETE FROM paillette.partition_segment r USING paillette.segment s
WHERE r.partition_id = ANY (?) AND s.id = r.segment_id AND s.class = ?

-- name: forgetDropped
DELETE FROM paillette.dropped_partition WHERE partition_id = ANY (?)

-- name: compacted
SELECT clean_upto, clean_bytes FROM paillette.compaction WHERE partition_id = ?

-- name: dirt
SELECT total_bytes, first_timestamp FROM paillette.dirt_v1(?, ?, ?)

-- name: replace
SELECT paillette.replace_batches_v1(?, ?, ?, ?, ?, ?, ?)

-- What was aborted below the end of the pass before has no records left since then. It is forgotten only now: a reader that
-- still had some of them asks for it a moment later.
-- name: saveCompacted
WITH forgotten AS (
    DELETE FROM paillette.aborted_transaction a USING paillette.compaction c, paillette.partition p
    WHERE c.partition_id = ? AND p.id = c.partition_id AND p.leader_epoch = ?
      AND a.partition_id = c.partition_id AND a.last_offset < c.clean_upto
)
INSERT INTO paillette.compaction AS c (partition_id, clean_upto, clean_bytes)
SELECT p.id, ?, ? FROM paillette.partition p WHERE p.id = ? AND p.leader_epoch = ?
ON CONFLICT (partition_id) DO UPDATE SET clean_upto = excluded.clean_upto, clean_bytes = excluded.clean_bytes

-- Ranges that keep a table alive of which less than a quarter is needed, oldest table first.
-- name: stragglers
SELECT r.partition_id, r.first_offset
FROM (
    SELECT s.id FROM paillette.segment s
    WHERE s.measured AND s.class <> ?
      AND 4 * (SELECT coalesce(sum(coalesce(l.bytes, 1::bigint << 40)), 0) FROM paillette.partition_segment l
               JOIN paillette.partition p
                   ON p.id = l.partition_id AND p.log_start_offset < coalesce(l.end_offset, p.next_offset)
               WHERE l.segment_id = s.id)
          < (SELECT sum(l.bytes) FROM paillette.partition_segment l WHERE l.segment_id = s.id)
    ORDER BY s.id LIMIT 3) AS thin
JOIN paillette.partition_segment r ON r.segment_id = thin.id
JOIN paillette.partition p ON p.id = r.partition_id
    AND p.log_start_offset < coalesce(r.end_offset, p.next_offset)
WHERE r.partition_id = ANY (?)
ORDER BY r.segment_id, r.partition_id, r.first_offset

-- name: move
SELECT paillette.move_batches_v1(?, ?, ?, ?, ?)
