-- sql_offsets_v1: offsets that a group has committed by SQL and that are younger than what the coordinator knows.
--
-- Of the partitions asked for, those that a transaction is about to commit are unstable: whoever is told an offset goes on from
-- there, and what such a transaction has done must not be done again. It is not waited for here: ask again. Null asks for all
-- partitions, as they are now.
DROP FUNCTION IF EXISTS paillette.sql_offsets_v1(text);

CREATE OR REPLACE FUNCTION paillette.sql_offsets_v1(of_group text, topic_ids uuid[], partitions integer[])
    RETURNS TABLE (topic_id uuid, topic text, partition integer, committed_offset bigint, metadata text, unstable boolean)
    LANGUAGE plpgsql VOLATILE
    SET enable_seqscan = off
    AS $$
#variable_conflict use_column
BEGIN
    FOR i IN 1 .. coalesce(cardinality(topic_ids), 0) LOOP
        IF NOT pg_try_advisory_xact_lock_shared(paillette.offset_lock(of_group, topic_ids[i], partitions[i])) THEN
            RETURN QUERY SELECT topic_ids[i], ''::text, partitions[i], -1::bigint, ''::text, true;
        END IF;
    END LOOP;
    -- A statement of its own: it sees what was committed before the locks were had.
    RETURN QUERY
    SELECT t.id, t.name, o.partition, o.committed_offset, o.metadata, false
    FROM paillette.sql_offset o
    JOIN paillette.topic t ON t.id = o.topic_id
    WHERE md5(o.group_id) = md5(of_group) AND o.group_id = of_group
      AND NOT EXISTS (
          SELECT FROM paillette.coordinator_state s
          WHERE s.shard = paillette.shard_of_group(of_group)
            AND sha256(s.key) = sha256(paillette.coordinator_key(1, of_group, t.name) || int4send(o.partition))
            AND s.state_offset >= o.state_offset);
END
$$;
