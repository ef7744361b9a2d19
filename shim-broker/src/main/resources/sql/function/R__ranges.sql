-- ranges_v1: the parts of a partition between two offsets, in their order, each within one segment table.
--
-- A range ends where the next one of the partition starts. It is known when all of it is asked for and it was measured
-- since its last change; only then max_timestamp, bytes and producers mean anything.
CREATE OR REPLACE FUNCTION paillette.ranges_v1(of_partition bigint, from_offset bigint, below_offset bigint)
    RETURNS TABLE (segment_id bigint, range_start bigint, first_offset bigint, below bigint, is_last boolean,
                   known boolean, max_timestamp bigint, bytes bigint, producers boolean)
    LANGUAGE sql STABLE AS $$
    SELECT r.segment_id, r.first_offset, greatest(r.first_offset, from_offset), least(following.first_offset, below_offset),
           following.first_offset IS NULL,
           r.end_offset IS NOT NULL AND from_offset <= r.first_offset AND r.end_offset <= below_offset
               AND r.end_offset = coalesce(following.first_offset,
                       (SELECT p.next_offset FROM paillette.partition p WHERE p.id = r.partition_id)),
           r.max_timestamp, r.bytes, r.producers
    FROM paillette.partition_segment r
    LEFT JOIN LATERAL (
        SELECT f.first_offset FROM paillette.partition_segment f
        WHERE f.partition_id = r.partition_id AND f.first_offset > r.first_offset
        ORDER BY f.first_offset LIMIT 1) AS following ON true
    WHERE r.partition_id = of_partition
      AND r.first_offset < below_offset
      AND r.first_offset >= coalesce((
              SELECT max(h.first_offset) FROM paillette.partition_segment h
              WHERE h.partition_id = of_partition AND h.first_offset <= from_offset), 0)
    ORDER BY r.first_offset
$$;
