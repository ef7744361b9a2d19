-- first_at_or_after_v1: the first batch with a record at or after a time. Ranges that end before it are not looked into.
CREATE OR REPLACE FUNCTION paillette.first_at_or_after_v1(
    of_partition bigint, from_offset bigint, below_offset bigint, at_or_after bigint)
    RETURNS bytea
    LANGUAGE plpgsql STABLE
    SET enable_bitmapscan = off SET enable_seqscan = off SET enable_sort = off
    AS $$
DECLARE
    part  record;
    found_body bytea;
BEGIN
    FOR part IN SELECT * FROM paillette.ranges_v1(of_partition, from_offset, below_offset) LOOP
        CONTINUE WHEN part.known AND part.max_timestamp < at_or_after;
        EXECUTE format('SELECT b.body FROM paillette.batch_%s b WHERE b.partition_id = $1 AND b.last_offset >= $2'
                    || ' AND b.last_offset < $3 AND b.max_timestamp >= $4 ORDER BY b.last_offset LIMIT 1', part.segment_id)
        INTO found_body
        USING of_partition, part.first_offset, part.below, at_or_after;
        EXIT WHEN found_body IS NOT NULL;
    END LOOP;
    RETURN found_body;
END
$$;
