-- producer_batches_v1: headers of the batches that have a producer id. Ranges known to have none are left out.
CREATE OR REPLACE FUNCTION paillette.producer_batches_v1(of_partition bigint, from_offset bigint, below_offset bigint)
    RETURNS TABLE (base_offset bigint, last_offset bigint, max_timestamp bigint, producer_id bigint, leader_epoch integer,
                   base_sequence integer, producer_epoch smallint, attributes smallint)
    LANGUAGE plpgsql STABLE
    SET enable_bitmapscan = off SET enable_seqscan = off SET enable_sort = off
    AS $$
DECLARE
    part record;
BEGIN
    FOR part IN SELECT * FROM paillette.ranges_v1(of_partition, from_offset, below_offset) LOOP
        CONTINUE WHEN part.known AND NOT part.producers;
        RETURN QUERY EXECUTE
            format('SELECT b.base_offset, b.last_offset, b.max_timestamp, b.producer_id, b.leader_epoch, b.base_sequence,'
                || ' b.producer_epoch, b.attributes FROM paillette.batch_%s b WHERE b.partition_id = $1'
                || ' AND b.last_offset >= $2 AND b.last_offset < $3 AND b.producer_id >= 0 ORDER BY b.last_offset',
                part.segment_id)
            USING of_partition, part.first_offset, part.below;
    END LOOP;
END
$$;
