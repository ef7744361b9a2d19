-- offset_keeping_v1: where a partition would start when it kept the fewest newest batches that have keep_bytes together;
-- null when it has no more than that. Known ranges are counted, not read.
CREATE OR REPLACE FUNCTION paillette.offset_keeping_v1(of_partition bigint, from_offset bigint, keep_bytes bigint)
    RETURNS bigint
    LANGUAGE plpgsql STABLE
    SET enable_bitmapscan = off SET enable_seqscan = off
    AS $$
DECLARE
    part  record;
    batch record;
    total bigint := 0;
BEGIN
    FOR part IN
        SELECT * FROM paillette.ranges_v1(of_partition, from_offset, 9223372036854775807) AS r ORDER BY r.first_offset DESC
    LOOP
        IF total >= keep_bytes THEN
            RETURN part.below;
        END IF;
        IF part.known AND total + part.bytes < keep_bytes THEN
            total := total + part.bytes;
            CONTINUE;
        END IF;
        FOR batch IN
            EXECUTE format('SELECT b.base_offset, b.last_offset, b.size FROM paillette.batch_%s b WHERE b.partition_id = $1'
                        || ' AND b.last_offset >= $2 AND b.last_offset < $3 ORDER BY b.last_offset DESC', part.segment_id)
            USING of_partition, part.first_offset, part.below
        LOOP
            IF total >= keep_bytes THEN
                RETURN batch.last_offset + 1;
            END IF;
            total := total + batch.size;
        END LOOP;
    END LOOP;
    RETURN NULL;
END
$$;
