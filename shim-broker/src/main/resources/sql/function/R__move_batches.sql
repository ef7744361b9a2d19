-- move_batches_v1: moves some batches of a partition from the start of a range into another table. Answers where the rest of
-- the range starts, null when nothing is left to move, or another leader's epoch is in force.
--
-- The partition's row is held, so an append waits for this one chunk; whoever reads sees the map and the tables of one
-- snapshot. What is below the log start stays behind and goes with its table.
CREATE OR REPLACE FUNCTION paillette.move_batches_v1(
    of_partition bigint, of_epoch integer, of_range bigint, to_segment bigint, at_most integer)
    RETURNS bigint
    LANGUAGE plpgsql
    SET enable_bitmapscan = off SET enable_seqscan = off
    AS $$
DECLARE
    owner          record;
    part           record;
    from_offset    bigint;
    upto_offset    bigint;
    before_segment bigint;
BEGIN
    SELECT p.log_start_offset, p.next_offset INTO owner
    FROM paillette.partition p WHERE p.id = of_partition AND p.leader_epoch = of_epoch FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    SELECT r.segment_id, r.is_last, least(r.below, owner.next_offset) AS below INTO part
    FROM paillette.ranges_v1(of_partition, of_range, 9223372036854775807) AS r WHERE r.range_start = of_range;
    from_offset := greatest(of_range, owner.log_start_offset);
    IF part.segment_id IS NULL OR part.segment_id = to_segment OR from_offset >= part.below THEN
        RETURN NULL;
    END IF;

    EXECUTE format('SELECT max(c.last_offset) FROM (SELECT b.last_offset FROM paillette.batch_%s b WHERE b.partition_id = $1'
                || ' AND b.last_offset >= $2 AND b.last_offset < $3 ORDER BY b.last_offset LIMIT $4) AS c', part.segment_id)
    INTO upto_offset
    USING of_partition, from_offset, part.below, at_most;
    upto_offset := coalesce(upto_offset, part.below - 1); -- compaction has left nothing here
    EXECUTE format('WITH gone AS (DELETE FROM paillette.batch_%s b WHERE b.partition_id = $1 AND b.last_offset >= $2'
                || ' AND b.last_offset <= $3 RETURNING b.*) INSERT INTO paillette.batch_%s SELECT * FROM gone',
                   part.segment_id, to_segment)
    USING of_partition, from_offset, upto_offset;

    IF from_offset = of_range THEN
        DELETE FROM paillette.partition_segment r WHERE r.partition_id = of_partition AND r.first_offset = of_range;
    ELSE
        UPDATE paillette.partition_segment r SET end_offset = NULL
        WHERE r.partition_id = of_partition AND r.first_offset = of_range;
    END IF;
    SELECT r.segment_id INTO before_segment FROM paillette.partition_segment r
    WHERE r.partition_id = of_partition AND r.first_offset < from_offset ORDER BY r.first_offset DESC LIMIT 1;
    IF before_segment = to_segment THEN
        UPDATE paillette.partition_segment r SET end_offset = NULL
        WHERE r.partition_id = of_partition AND r.end_offset = of_range;
    ELSE
        INSERT INTO paillette.partition_segment (partition_id, first_offset, segment_id)
        VALUES (of_partition, from_offset, to_segment);
    END IF;
    IF upto_offset + 1 < part.below THEN
        INSERT INTO paillette.partition_segment (partition_id, first_offset, segment_id)
        VALUES (of_partition, upto_offset + 1, part.segment_id);
        RETURN upto_offset + 1;
    END IF;
    IF part.is_last THEN
        UPDATE paillette.partition p SET segment_id = to_segment WHERE p.id = of_partition;
    END IF;
    RETURN NULL;
END
$$;
