-- replace_batches_v1: deletes some batches of a partition and gives others a new body; offsets stay as they are.
--
-- Answers whether of_epoch still leads the partition; the caller must roll back when it does not. That is asked last, and
-- the row is held until the end: a new leader cannot begin before this is committed, and an append waits for one commit.
CREATE OR REPLACE FUNCTION paillette.replace_batches_v1(
    of_partition bigint, of_epoch integer, gone bigint[], changed bigint[], max_timestamps bigint[],
    attribute_bits smallint[], bodies bytea[])
    RETURNS boolean
    LANGUAGE plpgsql
    SET enable_bitmapscan = off SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
    AS $$
DECLARE
    part   record;
    lowest  bigint;
    highest bigint;
BEGIN
    SELECT min(o), max(o) INTO lowest, highest FROM unnest(gone || changed) AS o;
    FOR part IN SELECT * FROM paillette.ranges_v1(of_partition, lowest, highest + 1) LOOP
        EXECUTE format('DELETE FROM paillette.batch_%s b WHERE b.partition_id = $1 AND b.last_offset = ANY ($2)'
                    || ' AND b.last_offset >= $3 AND b.last_offset < $4', part.segment_id)
        USING of_partition, gone, part.first_offset, part.below;
        EXECUTE format('UPDATE paillette.batch_%s b SET body = c.body, size = length(c.body), max_timestamp = c.max_timestamp,'
                    || ' attributes = c.attributes FROM unnest($2, $3, $4, $5)'
                    || ' AS c (last_offset, max_timestamp, attributes, body)'
                    || ' WHERE b.partition_id = $1 AND b.last_offset = c.last_offset'
                    || ' AND c.last_offset >= $6 AND c.last_offset < $7', part.segment_id)
        USING of_partition, changed, max_timestamps, attribute_bits, bodies, part.first_offset, part.below;
        UPDATE paillette.partition_segment r SET end_offset = NULL
        WHERE r.partition_id = of_partition AND r.first_offset = part.range_start AND r.end_offset IS NOT NULL;
    END LOOP;
    PERFORM 1 FROM paillette.partition p WHERE p.id = of_partition AND p.leader_epoch = of_epoch FOR SHARE;
    RETURN FOUND;
END
$$;
