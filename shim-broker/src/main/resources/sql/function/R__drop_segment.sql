-- drop_segment_v1: drops a table that nobody needs any more; false when somebody does, or is using it just now.
--
-- The lock keeps out an append by a broker that has not heard of the newer table yet: either its range is seen here, or its
-- statement finds no table and is sent again with the newer one. Whoever uses the table just now is waited for no longer than
-- such an append may be held up.
CREATE OR REPLACE FUNCTION paillette.drop_segment_v1(of_segment bigint)
    RETURNS boolean
    LANGUAGE plpgsql
    SET lock_timeout = '5ms'
    AS $$
BEGIN
    PERFORM 1 FROM paillette.segment s
    WHERE s.id = of_segment
      AND EXISTS (SELECT 1 FROM paillette.segment n WHERE n.class = s.class AND n.id > s.id)
    FOR UPDATE SKIP LOCKED;
    IF NOT FOUND OR NOT paillette.segment_is_dead_v1(of_segment) THEN
        RETURN false;
    END IF;
    EXECUTE format('LOCK TABLE paillette.batch_%s IN ACCESS EXCLUSIVE MODE', of_segment);
    IF NOT paillette.segment_is_dead_v1(of_segment) THEN
        RETURN false;
    END IF;
    DELETE FROM paillette.partition_segment r WHERE r.segment_id = of_segment;
    DELETE FROM paillette.segment s WHERE s.id = of_segment;
    EXECUTE format('DROP TABLE paillette.batch_%s', of_segment);
    RETURN true;
EXCEPTION WHEN lock_not_available THEN
    RETURN false;
END
$$;
