-- dirt_v1: size of the batches between two offsets, and the largest timestamp of the first of them.
CREATE OR REPLACE FUNCTION paillette.dirt_v1(
    of_partition bigint, from_offset bigint, below_offset bigint, OUT total_bytes bigint, OUT first_timestamp bigint)
    LANGUAGE plpgsql STABLE
    SET enable_bitmapscan = off SET enable_seqscan = off SET enable_sort = off
    AS $$
DECLARE
    part       record;
    part_bytes bigint;
BEGIN
    total_bytes := 0;
    FOR part IN SELECT * FROM paillette.ranges_v1(of_partition, from_offset, below_offset) LOOP
        IF first_timestamp IS NULL THEN
            EXECUTE format('SELECT b.max_timestamp FROM paillette.batch_%s b WHERE b.partition_id = $1 AND b.last_offset >= $2'
                        || ' AND b.last_offset < $3 ORDER BY b.last_offset LIMIT 1', part.segment_id)
            INTO first_timestamp
            USING of_partition, part.first_offset, part.below;
        END IF;
        EXECUTE format('SELECT coalesce(sum(b.size), 0) FROM paillette.batch_%s b WHERE b.partition_id = $1'
                    || ' AND b.last_offset >= $2 AND b.last_offset < $3', part.segment_id)
        INTO part_bytes
        USING of_partition, part.first_offset, part.below;
        total_bytes := total_bytes + part_bytes;
    END LOOP;
END
$$;
