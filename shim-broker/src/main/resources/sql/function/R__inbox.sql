-- The inbox, as leaders see it: what has been published by SQL and is not in the log yet.

-- First half of the advisory lock's key; the second is the id of the broker that sleeps. "inbx" in ASCII.
CREATE OR REPLACE FUNCTION paillette.inbox_lock() RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT 1768841848 $$;

-- read_inbox_v1: the oldest records from a number on of partitions that a broker leads, up to max_rows and max_bytes, the first
-- in any case; without those of partitions that are set aside. Nothing between them is left out: bytes are counted in the order
-- of numbers. "found" is how many there were up to max_rows: whoever gets as many, and fewer than max_rows, has got all.
-- Only the index is left to the planner: the table is empty or small most of the time, which says nothing of the next moment.
-- PL/pgSQL keeps the plan; a function in SQL with settings of its own is planned at each call.
CREATE OR REPLACE FUNCTION paillette.read_inbox_v1(
    broker integer, from_id bigint, set_aside bigint[], max_rows integer, max_bytes bigint)
    RETURNS TABLE (id bigint, partition_id bigint, topic text, index integer, created_at bigint, key bytea, value bytea,
                   header_names text[], header_values bytea[], found bigint)
    LANGUAGE plpgsql STABLE
    SET enable_bitmapscan = off SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
    AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT s.id, s.partition_id, t.name, s.index, (extract(epoch FROM s.created_at) * 1000)::bigint, s.key, s.value,
           s.header_names, s.header_values, s.found
    FROM (SELECT i.*, p.topic_id, p.index,
                 row_number() OVER (ORDER BY i.id) AS nth, count(*) OVER () AS found,
                 sum(i.bytes) OVER (ORDER BY i.id) AS bytes_so_far
          FROM (SELECT b.* FROM paillette.inbox b
                WHERE b.id >= from_id AND NOT (b.partition_id = ANY (set_aside))
                  AND EXISTS (SELECT FROM paillette.partition l WHERE l.id = b.partition_id AND l.leader_broker = broker)
                ORDER BY b.id LIMIT max_rows) AS i
          JOIN paillette.partition p ON p.id = i.partition_id) AS s
    JOIN paillette.topic t ON t.id = s.topic_id
    WHERE s.bytes_so_far <= max_bytes OR s.nth = 1
    ORDER BY s.id;
END
$$;

-- take_published_v1: removes records that are appended to the log in the same transaction. Where some are not there any more
-- nothing may be committed: it fails with PL002, the detail says whose they were.
CREATE OR REPLACE FUNCTION paillette.take_published_v1(partition_ids bigint[], ids bigint[]) RETURNS void
    LANGUAGE plpgsql
    SET enable_seqscan = off
    AS $$
DECLARE
    taken bigint[];
BEGIN
    WITH t AS (DELETE FROM paillette.inbox i WHERE i.id = ANY (ids) RETURNING i.id)
    SELECT coalesce(array_agg(t.id), '{}') INTO taken FROM t;
    IF cardinality(taken) < cardinality(ids) THEN
        RAISE EXCEPTION 'records that were published by SQL have been taken already' USING ERRCODE = 'PL002',
            DETAIL = (SELECT string_agg(DISTINCT w.partition_id::text, ',')
                      FROM unnest(partition_ids, ids) AS w (partition_id, id) WHERE NOT (w.id = ANY (taken)));
    END IF;
END
$$;

-- Until 0.1.0 was finished.
DROP FUNCTION IF EXISTS paillette.take_from_inbox_v1(bigint[], bigint[]);
