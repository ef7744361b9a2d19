-- segment_after_v1: the segment of a class that is written to now; a new one when there is none, or none after old_segment.
--
-- One maker at a time; appends and reads of the log do not look at table segment and are not held up.
CREATE OR REPLACE FUNCTION paillette.segment_after_v1(of_class text, old_segment bigint)
    RETURNS bigint
    LANGUAGE plpgsql AS $$
DECLARE
    newest bigint;
BEGIN
    LOCK TABLE paillette.segment IN SHARE ROW EXCLUSIVE MODE;
    SELECT max(s.id) INTO newest FROM paillette.segment s WHERE s.class = of_class;
    IF newest > old_segment THEN
        RETURN newest;
    END IF;
    INSERT INTO paillette.segment (class) VALUES (of_class) RETURNING id INTO newest;
    EXECUTE format('CREATE TABLE paillette.batch_%s (PRIMARY KEY (partition_id, last_offset)) INHERITS (paillette.batch)',
                   newest);
    RETURN newest;
END
$$;
