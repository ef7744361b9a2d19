-- sql_offsets_v1: offsets that a group has committed by SQL and that are younger than what the coordinator knows.
--
-- Waits for transactions that are about to commit some: whoever is told an offset goes on from there, and what such a transaction
-- has done must not be done again. After a second it gives up (lock_timeout, SQLSTATE 55P03): ask again.
CREATE OR REPLACE FUNCTION paillette.sql_offsets_v1(of_group text)
    RETURNS TABLE (topic_id uuid, topic text, partition integer, committed_offset bigint, metadata text)
    LANGUAGE plpgsql VOLATILE
    SET lock_timeout = '1s' SET enable_seqscan = off
    AS $$
#variable_conflict use_column
BEGIN
    PERFORM pg_advisory_xact_lock(paillette.group_lock(of_group));
    RETURN QUERY
    SELECT t.id, t.name, o.partition, o.committed_offset, o.metadata
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
