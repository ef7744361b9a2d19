-- measure_range_v1: notes size and largest timestamp of one range as it is now.
CREATE OR REPLACE FUNCTION paillette.measure_range_v1(of_partition bigint, of_range bigint)
    RETURNS void
    LANGUAGE plpgsql
    SET enable_bitmapscan = off SET enable_seqscan = off
    AS $$
DECLARE
    part      record;
    range_end bigint;
    found_max bigint;
    found_sum bigint;
    found_ids boolean;
BEGIN
    SELECT r.segment_id, r.is_last, r.below, p.next_offset INTO part
    FROM paillette.partition p, paillette.ranges_v1(of_partition, of_range, 9223372036854775807) AS r
    WHERE p.id = of_partition AND r.range_start = of_range;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    -- Taken before the batches are looked at: what is appended meanwhile makes the note void, never wrong.
    range_end := CASE WHEN part.is_last THEN part.next_offset ELSE part.below END;
    EXECUTE format('SELECT coalesce(max(b.max_timestamp), -1), coalesce(sum(b.size), 0), coalesce(bool_or(b.producer_id >= 0), false)'
                || ' FROM paillette.batch_%s b WHERE b.partition_id = $1 AND b.last_offset >= $2 AND b.last_offset < $3',
                   part.segment_id)
    INTO found_max, found_sum, found_ids
    USING of_partition, of_range, range_end;
    UPDATE paillette.partition_segment r
    SET end_offset = range_end, max_timestamp = found_max, bytes = found_sum, producers = found_ids
    WHERE r.partition_id = of_partition AND r.first_offset = of_range;
END
$$;
