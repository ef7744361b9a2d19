-- latest_by_timestamp_v1: the first of the batches with the largest timestamp; of known ranges only the best is looked into.
CREATE OR REPLACE FUNCTION paillette.latest_by_timestamp_v1(of_partition bigint, from_offset bigint, below_offset bigint)
    RETURNS bytea
    LANGUAGE plpgsql STABLE
    SET enable_bitmapscan = off SET enable_seqscan = off
    AS $$
DECLARE
    part      record;
    best      record;
    largest   bigint := -1;
    candidate bigint;
    found_body bytea;
BEGIN
    FOR part IN SELECT * FROM paillette.ranges_v1(of_partition, from_offset, below_offset) LOOP
        IF part.known THEN
            candidate := part.max_timestamp;
        ELSE
            EXECUTE format('SELECT max(b.max_timestamp) FROM paillette.batch_%s b WHERE b.partition_id = $1'
                        || ' AND b.last_offset >= $2 AND b.last_offset < $3', part.segment_id)
            INTO candidate
            USING of_partition, part.first_offset, part.below;
        END IF;
        IF candidate > largest THEN
            largest := candidate;
            best := part;
        END IF;
    END LOOP;
    IF largest >= 0 THEN
        EXECUTE format('SELECT b.body FROM paillette.batch_%s b WHERE b.partition_id = $1 AND b.last_offset >= $2'
                    || ' AND b.last_offset < $3 AND b.max_timestamp = $4 ORDER BY b.last_offset LIMIT 1', best.segment_id)
        INTO found_body
        USING of_partition, best.first_offset, best.below, largest;
    END IF;
    RETURN found_body;
END
$$;
