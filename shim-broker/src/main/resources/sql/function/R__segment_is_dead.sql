-- segment_is_dead_v1: every range in it is below its partition's log start, or its partition is gone. Stops at the first
-- that is not.
CREATE OR REPLACE FUNCTION paillette.segment_is_dead_v1(of_segment bigint)
    RETURNS boolean
    LANGUAGE sql VOLATILE
    SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off
    AS $$
    SELECT NOT EXISTS (
        SELECT 1
        FROM paillette.partition_segment r
        JOIN paillette.partition p ON p.id = r.partition_id
        WHERE r.segment_id = of_segment
          AND p.log_start_offset < coalesce((
              SELECT f.first_offset FROM paillette.partition_segment f
              WHERE f.partition_id = r.partition_id AND f.first_offset > r.first_offset
              ORDER BY f.first_offset LIMIT 1), p.next_offset))
$$;
