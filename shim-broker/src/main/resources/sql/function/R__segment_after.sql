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
    IF of_class = 'COMPACTED' THEN -- never dropped: what compaction frees is to be used again soon
        EXECUTE format('ALTER TABLE paillette.batch_%s SET (autovacuum_vacuum_scale_factor = 0.05,'
                    || ' toast.autovacuum_vacuum_scale_factor = 0.05)', newest);
    ELSIF current_setting('server_version_num')::integer >= 130000 THEN
        -- Dropped long before its transaction ids grow old: to freeze it page by page would be work for nothing.
        EXECUTE format('ALTER TABLE paillette.batch_%s SET (autovacuum_vacuum_insert_threshold = -1,'
                    || ' toast.autovacuum_vacuum_insert_threshold = -1)', newest);
    END IF;
    RETURN newest;
END
$$;
