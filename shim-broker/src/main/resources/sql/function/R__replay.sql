-- replay: publishes stored records of a topic once more that match a condition (docs/operations.md).
--
-- The condition is SQL over "partition", "offset", "timestamp", key, value, value_text and headers of a record, run by the store's
-- role in a transaction that can only read; without one every record is published. From is "beginning", an offset or a time; it
-- ends where the topic ends now, so that one into its own topic does not meet itself. Answers a number to go on with:
-- paillette.replays shows how far it is, pause_replay, resume_replay and cancel_replay take it.

CREATE OR REPLACE FUNCTION paillette.replay(
    topic text, condition text, "to" text, "from" text DEFAULT 'beginning', partition integer DEFAULT NULL, headers jsonb DEFAULT '{}')
    RETURNS bigint
    LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    origin    record;
    target    record;
    place     text := lower(coalesce(nullif(btrim("from"), ''), 'beginning'));
    of_offset bigint;
    of_time   timestamptz;
    outside   record;
    number    bigint;
BEGIN
    IF char_length(replay.condition) > 10000 THEN
        RAISE EXCEPTION 'the condition has % characters; 10000 is the most', char_length(replay.condition)
            USING ERRCODE = 'program_limit_exceeded', HINT = 'Put what it looks up into a table or a function.';
    ELSIF jsonb_typeof(coalesce(replay.headers, '{}')) <> 'object' THEN
        RAISE EXCEPTION 'headers must be an object, as {"name": "value"}, not %', jsonb_typeof(replay.headers)
            USING ERRCODE = 'invalid_name';
    END IF;
    SELECT t.id, max(p.index) AS last INTO origin
    FROM paillette.topic t JOIN paillette.partition p ON p.topic_id = t.id WHERE t.name = replay.topic GROUP BY t.id;
    IF NOT FOUND OR replay.partition < 0 OR replay.partition > origin.last THEN
        RAISE EXCEPTION USING ERRCODE = 'undefined_object', MESSAGE = paillette.no_such_partition(replay.topic, replay.partition);
    END IF;
    SELECT t.id, t.source INTO target FROM paillette.topic t WHERE t.name = replay."to";
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'undefined_object', MESSAGE = paillette.no_such_partition(replay."to", NULL),
            HINT = 'Create the topic first, with ./paillette topic create or kafka-topics.sh.';
    ELSIF target.source IS NOT NULL THEN
        RAISE EXCEPTION 'topic "%" is a sequence: it says what the tables of source "%" did, and nothing else is written to it',
            replay."to", target.source USING ERRCODE = 'insufficient_privilege',
            HINT = 'Replay to a topic of its own; or have rows told once more with ./paillette backfill start,'
                || ' or a group sent back with ./paillette rewind.';
    END IF;

    IF place ~ '^\d{1,18}$' THEN
        of_offset := place;
    ELSIF place NOT IN ('beginning', 'earliest') THEN
        BEGIN
            of_time := "from";
        EXCEPTION WHEN data_exception THEN
            NULL; -- said below
        END;
        IF of_time IS NULL OR NOT isfinite(of_time) THEN
            RAISE EXCEPTION '"%" is no place to begin: write beginning, an offset (42) or a time (2026-11-27T10:00:00Z)', "from"
                USING ERRCODE = 'invalid_name',
                HINT = 'The offset of an LSN or of a change of a row is what ./paillette rewind --dry-run tells.';
        END IF;
    END IF;
    SELECT p.* INTO outside FROM paillette.partition p
    WHERE p.topic_id = origin.id AND p.index = coalesce(replay.partition, p.index)
      AND NOT (of_offset BETWEEN p.log_start_offset AND p.next_offset)
    ORDER BY p.index LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'offset % is not in partition % of topic "%", which has % to %', of_offset, outside.index, replay.topic,
            outside.log_start_offset, outside.next_offset USING ERRCODE = 'invalid_name', HINT = 'Name one partition.';
    END IF;

    INSERT INTO paillette.replay (topic, target, target_id, condition, from_place, headers)
    VALUES (replay.topic, replay."to", target.id, coalesce(replay.condition, ''), coalesce("from", 'beginning'), coalesce(replay.headers, '{}'))
    RETURNING id INTO number;
    INSERT INTO paillette.replay_partition (replay_id, index, partition_id, from_time, first_offset, next_offset, end_offset)
    SELECT number, p.index, p.id, of_time, coalesce(of_offset, p.log_start_offset), coalesce(of_offset, p.log_start_offset), p.next_offset
    FROM paillette.partition p WHERE p.topic_id = origin.id AND p.index = coalesce(replay.partition, p.index);
    RETURN number;
END
$$;

CREATE OR REPLACE FUNCTION paillette.replay_is_behind(id bigint) RETURNS bigint
    LANGUAGE sql STABLE AS $$
    SELECT coalesce(sum(p.next_offset - p.first_offset), 0)::bigint FROM paillette.replay_partition p WHERE p.replay_id = id
$$;

CREATE OR REPLACE FUNCTION paillette.wish_replay(number bigint, wanted text) RETURNS void
    LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    now text;
BEGIN
    -- Waits for the transaction that publishes at the moment: nothing is put into the inbox after this one.
    SELECT r.state INTO now FROM paillette.replay r WHERE r.id = number FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no replay %', number USING ERRCODE = 'undefined_object';
    ELSIF now IN ('done', 'cancelled') OR (now = 'failed' AND wanted = 'pause') THEN
        RAISE EXCEPTION 'replay % is %', number, now USING ERRCODE = 'object_not_in_prerequisite_state';
    ELSIF wanted = 'pause' THEN
        UPDATE paillette.replay r SET state = 'paused', paced_at = NULL WHERE r.id = number;
    ELSIF wanted = 'cancel' THEN
        UPDATE paillette.replay r SET state = 'cancelled', ended_at = clock_timestamp() WHERE r.id = number;
    ELSIF now IN ('paused', 'failed') THEN
        UPDATE paillette.replay r SET state = 'waiting', fault = '', ended_at = NULL WHERE r.id = number;
    END IF;
END
$$;

-- Stays where it is, also over restarts.
CREATE OR REPLACE FUNCTION paillette.pause_replay(id bigint) RETURNS void
    LANGUAGE sql VOLATILE AS $$ SELECT paillette.wish_replay(id, 'pause') $$;

-- One that has failed too: it looks at the record once more that it failed for.
CREATE OR REPLACE FUNCTION paillette.resume_replay(id bigint) RETURNS void
    LANGUAGE sql VOLATILE AS $$ SELECT paillette.wish_replay(id, 'run') $$;

-- What was published until then stays published, and what is in the inbox by then still comes.
CREATE OR REPLACE FUNCTION paillette.cancel_replay(id bigint) RETURNS void
    LANGUAGE sql VOLATILE AS $$ SELECT paillette.wish_replay(id, 'cancel') $$;

-- time_left: as fast as since it was begun or resumed.
CREATE OR REPLACE VIEW paillette.replays AS
SELECT r.id,
       r.topic,
       r.condition,
       r.target AS "to",
       r.from_place AS "from",
       r.headers,
       r.state,
       p.done AS offsets,
       p.whole AS all_offsets,
       p.records,
       p.published,
       p.gone,
       CASE WHEN r.state = 'running' AND p.done > r.paced_from AND r.paced_at < clock_timestamp()
            THEN (p.whole - p.done) * ((clock_timestamp() - r.paced_at) / (p.done - r.paced_from)) END AS time_left,
       r.requested_at,
       r.begun_at,
       r.ended_at,
       r.fault
FROM paillette.replay r
CROSS JOIN LATERAL (SELECT coalesce(sum(p.next_offset - p.first_offset), 0)::bigint AS done,
                           coalesce(sum(p.end_offset - p.first_offset), 0)::bigint AS whole,
                           coalesce(sum(p.records), 0)::bigint AS records,
                           coalesce(sum(p.published), 0)::bigint AS published,
                           coalesce(sum(p.gone), 0)::bigint AS gone
                    FROM paillette.replay_partition p WHERE p.replay_id = r.id) AS p;

-- As JSON where it is some, null otherwise.
CREATE OR REPLACE FUNCTION paillette.record_json(bytes bytea) RETURNS jsonb
    LANGUAGE plpgsql STABLE STRICT AS $$
BEGIN
    RETURN convert_from(bytes, 'UTF8')::jsonb;
EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
    RETURN NULL;
END
$$;

-- replay_inbox_is_empty_v1: whether what a replay published last of a partition is in the log.
CREATE OR REPLACE FUNCTION paillette.replay_inbox_is_empty_v1(replay bigint, of_index integer) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET enable_seqscan = off
    AS $$
BEGIN
    RETURN NOT EXISTS (
        SELECT FROM paillette.replay_partition p
        JOIN paillette.replay r ON r.id = p.replay_id
        JOIN paillette.inbox i ON i.id BETWEEN p.inbox_from AND p.inbox_to
        JOIN paillette.partition t ON t.id = i.partition_id AND t.topic_id = r.target_id
        WHERE p.replay_id = replay AND p.index = of_index);
END
$$;

-- settle_replays_v1: ends those that are done, and those that cannot go on. Answers how many are under way.
CREATE OR REPLACE FUNCTION paillette.settle_replays_v1() RETURNS bigint
    LANGUAGE plpgsql
    SET enable_seqscan = off
    AS $$
DECLARE
    one   record;
    left_ bigint := 0;
BEGIN
    FOR one IN
        SELECT r.id, r.topic, r.target,
               NOT EXISTS (SELECT FROM paillette.topic t WHERE t.id = r.target_id) AS target_is_gone,
               EXISTS (SELECT FROM paillette.replay_partition p WHERE p.replay_id = r.id AND p.next_offset < p.end_offset
                         AND NOT EXISTS (SELECT FROM paillette.partition s WHERE s.id = p.partition_id)) AS is_gone,
               NOT EXISTS (SELECT FROM paillette.replay_partition p WHERE p.replay_id = r.id
                             AND (p.next_offset < p.end_offset OR NOT paillette.replay_inbox_is_empty_v1(r.id, p.index))) AS is_done
        FROM paillette.replay r WHERE r.ended_at IS NULL AND r.state <> 'paused' ORDER BY r.id
    LOOP
        IF one.target_is_gone OR one.is_gone THEN
            UPDATE paillette.replay r
            SET state = 'failed', ended_at = clock_timestamp(),
                fault = format('topic "%s" was deleted', CASE WHEN one.target_is_gone THEN one.target ELSE one.topic END)
            WHERE r.id = one.id AND r.ended_at IS NULL;
        ELSIF one.is_done THEN
            UPDATE paillette.replay r
            SET state = 'done', ended_at = clock_timestamp(), begun_at = coalesce(r.begun_at, clock_timestamp())
            WHERE r.id = one.id AND r.state IN ('waiting', 'running');
        ELSE
            left_ := left_ + 1;
        END IF;
    END LOOP;
    RETURN left_;
END
$$;

-- call_inbox_v1: wakes the leaders of partitions, as produce does for one, once the transaction commits.
CREATE OR REPLACE FUNCTION paillette.call_inbox_v1(partition_ids bigint[]) RETURNS void
    LANGUAGE plpgsql
    SET enable_seqscan = off
    AS $$
DECLARE
    leader integer;
BEGIN
    FOR leader IN
        SELECT DISTINCT coalesce(p.leader_broker, -1) FROM paillette.partition p WHERE p.id = ANY (partition_ids)
    LOOP
        IF NOT pg_try_advisory_xact_lock_shared(paillette.inbox_lock(), leader) THEN
            PERFORM pg_notify('paillette_inbox_' || leader, '');
        END IF;
    END LOOP;
END
$$;
