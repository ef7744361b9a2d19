-- measure_segment_v1: the same for all ranges of a table that is written to no more, in one pass over its headers.
CREATE OR REPLACE FUNCTION paillette.measure_segment_v1(of_segment bigint)
    RETURNS void
    LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM paillette.segment s WHERE s.id = of_segment) THEN
        RETURN; -- another broker has dropped it
    END IF;
    EXECUTE format(
        'WITH part AS MATERIALIZED ('
        '    SELECT r.partition_id, r.first_offset, coalesce((SELECT f.first_offset FROM paillette.partition_segment f'
        '               WHERE f.partition_id = r.partition_id AND f.first_offset > r.first_offset'
        '               ORDER BY f.first_offset LIMIT 1), p.next_offset) AS below'
        '    FROM paillette.partition_segment r JOIN paillette.partition p ON p.id = r.partition_id'
        '    WHERE r.segment_id = $1 AND r.end_offset IS NULL'
        '), found AS ('
        '    SELECT part.partition_id, part.first_offset, part.below, max(b.max_timestamp) AS max_timestamp,'
        '           sum(b.size) AS bytes, bool_or(b.producer_id >= 0) AS producers'
        '    FROM part JOIN paillette.batch_%s b ON b.partition_id = part.partition_id'
        '        AND b.last_offset >= part.first_offset AND b.last_offset < part.below'
        '    GROUP BY part.partition_id, part.first_offset, part.below'
        ') UPDATE paillette.partition_segment r SET end_offset = found.below, max_timestamp = found.max_timestamp,'
        '         bytes = found.bytes, producers = found.producers'
        '  FROM found WHERE r.partition_id = found.partition_id AND r.first_offset = found.first_offset', of_segment)
    USING of_segment;
    UPDATE paillette.segment s SET measured = true WHERE s.id = of_segment;
END
$$;
