-- delete_rows_v1: deletes some rows below an offset from tables of the class that is never dropped; says how many. A range
-- of which nothing is left leaves the map, except the last: its partition would go on writing into it unseen.
CREATE OR REPLACE FUNCTION paillette.delete_rows_v1(of_partition bigint, below_offset bigint, kept_class text, at_most integer)
    RETURNS integer
    LANGUAGE plpgsql
    SET enable_bitmapscan = off SET enable_seqscan = off SET enable_sort = off
    AS $$
DECLARE
    part    record;
    deleted integer;
    more    boolean;
BEGIN
    FOR part IN
        SELECT r.* FROM paillette.ranges_v1(of_partition, 0, below_offset) AS r
        JOIN paillette.segment s ON s.id = r.segment_id
        WHERE s.class = kept_class
        ORDER BY r.first_offset
    LOOP
        EXECUTE format('DELETE FROM paillette.batch_%1$s b WHERE b.partition_id = $1 AND b.last_offset >= $2'
                    || ' AND b.last_offset <= (SELECT max(c.last_offset) FROM (SELECT d.last_offset FROM paillette.batch_%1$s d'
                    || ' WHERE d.partition_id = $1 AND d.last_offset >= $2 AND d.last_offset < $3'
                    || ' ORDER BY d.last_offset LIMIT $4) AS c)', part.segment_id)
        USING of_partition, part.first_offset, part.below, at_most;
        GET DIAGNOSTICS deleted = ROW_COUNT;
        IF deleted > 0 THEN
            UPDATE paillette.partition_segment r SET end_offset = NULL
            WHERE r.partition_id = of_partition AND r.first_offset = part.range_start AND r.end_offset IS NOT NULL;
            RETURN deleted;
        END IF;
        -- Who waited for the deletion of somebody else has deleted nothing, and still there may be more.
        EXECUTE format('SELECT EXISTS (SELECT FROM paillette.batch_%1$s b WHERE b.partition_id = $1 AND b.last_offset >= $2'
                    || ' AND b.last_offset < $3)', part.segment_id)
        INTO more USING of_partition, part.first_offset, part.below;
        IF more THEN
            RETURN 1;
        END IF;
        DELETE FROM paillette.partition_segment r
        WHERE r.partition_id = of_partition AND r.first_offset = part.range_start
          AND (SELECT min(f.first_offset) FROM paillette.partition_segment f
               WHERE f.partition_id = of_partition AND f.first_offset > part.range_start) <= below_offset;
    END LOOP;
    RETURN 0;
END
$$;
