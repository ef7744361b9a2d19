-- backfill: asks for rows of a source's table once more, into its sequence, beside its changes (docs/operations.md).
--
-- The rows come with op "r", in the order of the primary key, and none after a later state of itself. A condition is SQL over the
-- table's columns, run by the source's role; without one every row comes. They go to the one sequence that is named, else to every one
-- that the table feeds. Which sequences there are the properties files of brokers say too, so that a wrong one is found by
-- whichever broker feeds the source. Answers a number to go on with:
-- paillette.backfills shows how far it is, pause_backfill, resume_backfill and cancel_backfill take it.

DROP FUNCTION IF EXISTS paillette.backfill(text, text, text); -- beside the one with a sequence a call would mean both

CREATE OR REPLACE FUNCTION paillette.backfill(
    source text, "table" text, condition text DEFAULT '', sequence text DEFAULT '')
    RETURNS bigint
    LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    dot     integer := strpos("table", '.');
    sources text;
    number  bigint;
BEGIN
    IF char_length(backfill.condition) > 10000 THEN
        RAISE EXCEPTION 'the condition has % characters; 10000 is the most', char_length(backfill.condition)
            USING ERRCODE = 'program_limit_exceeded', HINT = 'Put what it looks up into a table or a function.';
    ELSIF NOT EXISTS (SELECT FROM paillette.feed f WHERE f.source = backfill.source) THEN
        SELECT coalesce(string_agg(f.source, ', ' ORDER BY f.source), 'none') INTO sources FROM paillette.feed f;
        RAISE EXCEPTION 'there is no source "%"', backfill.source
            USING ERRCODE = 'undefined_object', HINT = 'Sources that brokers feed: ' || sources || '.';
    ELSIF coalesce(dot, 0) < 2 OR dot = length("table") THEN
        RAISE EXCEPTION '"%" is not the name of a table with its schema', "table"
            USING ERRCODE = 'invalid_name', HINT = 'Write it as the source''s option "tables" has it: schema.table, without quotes.';
    END IF;
    INSERT INTO paillette.backfill (source, table_schema, table_name, condition, sequence)
    VALUES (backfill.source, left("table", dot - 1), substr("table", dot + 1), coalesce(backfill.condition, ''),
            coalesce(backfill.sequence, ''))
    RETURNING id INTO number;
    RETURN number;
END
$$;

CREATE OR REPLACE FUNCTION paillette.wish_backfill(number bigint, wanted text) RETURNS void
    LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    now text;
BEGIN
    -- One that nobody has begun ends here: there may be nobody who reads its source.
    UPDATE paillette.backfill b
    SET wish = wanted,
        state = CASE WHEN wanted = 'cancel' AND b.begun_at IS NULL THEN 'cancelled' ELSE b.state END,
        ended_at = CASE WHEN wanted = 'cancel' AND b.begun_at IS NULL THEN clock_timestamp() END
    WHERE b.id = number AND b.ended_at IS NULL AND b.wish <> 'cancel';
    IF NOT FOUND THEN
        SELECT CASE WHEN b.ended_at IS NULL THEN 'being cancelled' ELSE b.state END INTO now
        FROM paillette.backfill b WHERE b.id = number;
        IF now IS NULL THEN
            RAISE EXCEPTION 'there is no backfill %', number USING ERRCODE = 'undefined_object';
        END IF;
        RAISE EXCEPTION 'backfill % is %', number, now USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
END
$$;

-- Stays where it is, also over restarts.
CREATE OR REPLACE FUNCTION paillette.pause_backfill(id bigint) RETURNS void
    LANGUAGE sql VOLATILE AS $$ SELECT paillette.wish_backfill(id, 'pause') $$;

CREATE OR REPLACE FUNCTION paillette.resume_backfill(id bigint) RETURNS void
    LANGUAGE sql VOLATILE AS $$ SELECT paillette.wish_backfill(id, 'run') $$;

-- What was read until then stays in the sequence.
CREATE OR REPLACE FUNCTION paillette.cancel_backfill(id bigint) RETURNS void
    LANGUAGE sql VOLATILE AS $$ SELECT paillette.wish_backfill(id, 'cancel') $$;

-- time_left: as fast as since it was begun or resumed, and if Postgres's estimate of the rows is right.
CREATE OR REPLACE VIEW paillette.backfills AS
SELECT b.id,
       b.source,
       b.table_schema || '.' || b.table_name AS "table",
       b.condition,
       b.state,
       b.rows,
       b.estimated_rows,
       pg_catalog.pg_size_pretty(b.bytes) AS size,
       CASE WHEN b.state = 'running' AND b.rows > b.paced_from AND b.paced_at < clock_timestamp()
            THEN greatest(b.estimated_rows - b.rows, 0) * ((clock_timestamp() - b.paced_at) / (b.rows - b.paced_from)) END AS time_left,
       b.requested_at,
       b.begun_at,
       b.ended_at,
       b.fault,
       b.sequence
FROM paillette.backfill b;
