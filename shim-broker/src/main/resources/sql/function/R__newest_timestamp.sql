-- newest_timestamp_v1: largest timestamp of the last batch of a range, null when it has none.
CREATE OR REPLACE FUNCTION paillette.newest_timestamp_v1(of_partition bigint, of_segment bigint, from_offset bigint)
    RETURNS bigint
    LANGUAGE plpgsql STABLE
    SET enable_bitmapscan = off SET enable_seqscan = off SET enable_sort = off
    AS $$
DECLARE
    newest bigint;
BEGIN
    EXECUTE format('SELECT b.max_timestamp FROM paillette.batch_%s b WHERE b.partition_id = $1 AND b.last_offset >= $2'
                || ' ORDER BY b.last_offset DESC LIMIT 1', of_segment)
    INTO newest
    USING of_partition, from_offset;
    RETURN newest;
END
$$;
