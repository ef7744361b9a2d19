-- records: the records of a partition, for people who look at the log from psql. One row per record, oldest first.
--
-- It begins with from_offset, or where the partition's log starts if that is later; a negative one counts back from the end.
-- "limit" is how many rows are answered, all that there are if null. Only the batches that these rows are in are read.
-- A batch that SQL cannot decode is one row with a note instead (decode_batch). Records of transactions are shown whatever
-- became of them. As any statement it sees what was committed when it began.

CREATE OR REPLACE FUNCTION paillette.no_such_partition(of_topic text, of_index integer) RETURNS text
    LANGUAGE sql STABLE AS $$
    SELECT coalesce(
        (SELECT format('topic %L has %s, not %s', t.name,
                CASE max(p.index) WHEN 0 THEN 'partition 0 only' ELSE 'partitions 0 to ' || max(p.index) END,
                coalesce(of_index::text, 'null'))
         FROM paillette.topic t JOIN paillette.partition p ON p.topic_id = t.id
         WHERE t.name = of_topic GROUP BY t.name),
        format('there is no topic %s; there are %s', coalesce(quote_literal(of_topic), 'null'),
            (SELECT coalesce(string_agg(quote_literal(few.name), ', ' ORDER BY few.name)
                        || CASE WHEN max(few.total) > 20 THEN format(' and %s more', max(few.total) - 20) ELSE '' END, 'none')
             FROM (SELECT t.name, count(*) OVER () AS total FROM paillette.topic t ORDER BY t.name LIMIT 20) AS few)))
$$;

-- The planner knows nothing of the early exit and would sort the whole backlog first: only the index scan is left to it.
CREATE OR REPLACE FUNCTION paillette.records(
    topic text, partition integer, from_offset bigint DEFAULT 0, "limit" integer DEFAULT 100)
    RETURNS TABLE ("offset" bigint, "timestamp" timestamptz, key bytea, value bytea, headers jsonb, note text,
                   compression text, is_transactional boolean, is_control boolean, producer_id bigint, leader_epoch integer,
                   batch_offset bigint)
    LANGUAGE plpgsql STABLE
    SET enable_bitmapscan = off SET enable_seqscan = off SET enable_sort = off
    AS $$
DECLARE
    place     record;
    part      record;
    batch     record;
    row       record;
    start     bigint;
    left_over bigint := records."limit";
BEGIN
    SELECT p.id, p.log_start_offset, p.next_offset INTO place
    FROM paillette.topic t JOIN paillette.partition p ON p.topic_id = t.id
    WHERE t.name = records.topic AND p.index = records.partition;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'undefined_object', MESSAGE = paillette.no_such_partition(topic, partition);
    ELSIF left_over < 0 THEN
        RAISE EXCEPTION 'limit must not be negative; null is for all records' USING ERRCODE = 'invalid_parameter_value';
    ELSIF left_over = 0 THEN
        RETURN;
    END IF;
    start := greatest(place.log_start_offset, from_offset + CASE WHEN from_offset < 0 THEN place.next_offset ELSE 0 END);
    FOR part IN
        SELECT r.segment_id, r.first_offset, r.below FROM paillette.ranges_v1(place.id, start, place.next_offset) AS r
    LOOP
        BEGIN
            FOR batch IN
                EXECUTE format('SELECT b.base_offset, b.producer_id, b.leader_epoch, b.attributes, b.body'
                            || ' FROM paillette.batch_%s b WHERE b.partition_id = $1'
                            || ' AND b.last_offset >= $2 AND b.last_offset < $3 ORDER BY b.last_offset', part.segment_id)
                USING place.id, part.first_offset, part.below
            LOOP
                FOR row IN SELECT r.* FROM paillette.decode_batch(batch.body, start, left_over) AS r LOOP
                    "offset" := row."offset";
                    "timestamp" := row."timestamp";
                    key := row.key;
                    value := row.value;
                    headers := row.headers;
                    note := row.note;
                    compression := paillette.batch_compression(batch.attributes);
                    is_transactional := batch.attributes & 16 <> 0;
                    is_control := batch.attributes & 32 <> 0;
                    producer_id := nullif(batch.producer_id, -1);
                    leader_epoch := batch.leader_epoch;
                    batch_offset := batch.base_offset;
                    RETURN NEXT;
                    left_over := left_over - 1;
                END LOOP;
                IF left_over <= 0 THEN
                    RETURN;
                END IF;
            END LOOP;
        EXCEPTION WHEN undefined_table THEN -- housekeeping does not wait for those who only know where the batches were
            RETURN QUERY SELECT part.first_offset, NULL::timestamptz, NULL::bytea, NULL::bytea, NULL::jsonb,
                format('offsets %s to %s: dropped or moved since this transaction began; ask again in a new one',
                       part.first_offset, part.below - 1),
                NULL::text, NULL::boolean, NULL::boolean, NULL::bigint, NULL::integer, NULL::bigint;
            left_over := left_over - 1;
            IF left_over <= 0 THEN
                RETURN;
            END IF;
        END;
    END LOOP;
END
$$;
