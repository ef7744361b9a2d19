-- commit_coordinator_shards_v1: one group commit of coordinator records, for any number of shards.
--
-- Answers the shards that moved. A shard whose epoch or offset is not the one given is left untouched and not answered: its
-- writer was fenced. Shard rows are locked in number order, as everywhere. Per shard the caller gives plain records first, then
-- transactional ones, then markers; a key appears at most once among the plain records. The signature is frozen, because during
-- a rolling upgrade two broker versions call it at once; a new signature is commit_coordinator_shards_v2 in this file.

-- What SQL had committed before an offset that expires, or is deleted, was overtaken by it and must not come back. A row that an
-- application is changing is younger, and nobody waits for it.
CREATE OR REPLACE FUNCTION paillette.drop_overtaken(offset_key bytea, state_offset bigint) RETURNS void
    LANGUAGE plpgsql VOLATILE -- not sql: read_offset_key is made by a later script
    SET enable_seqscan = off
    AS $$
BEGIN
    DELETE FROM paillette.sql_offset o
    WHERE o.ctid = ANY (ARRAY(
        SELECT q.ctid
        FROM paillette.read_offset_key(offset_key) k
        JOIN paillette.topic t ON t.name = k.topic
        JOIN paillette.sql_offset q ON md5(q.group_id) = md5(k.group_id) AND q.group_id = k.group_id
            AND q.topic_id = t.id AND q.partition = k.partition
        WHERE q.state_offset <= drop_overtaken.state_offset
        FOR UPDATE OF q SKIP LOCKED));
END
$$;

CREATE OR REPLACE FUNCTION paillette.commit_coordinator_shards_v1(
    shards integer[], epochs integer[], bases bigint[], ends bigint[],
    put_shards integer[], put_offsets bigint[], put_keys bytea[], put_values bytea[],
    drop_shards integer[], drop_keys bytea[],
    pending_shards integer[], pending_producers bigint[], pending_epochs integer[],
    pending_offsets bigint[], pending_keys bytea[], pending_values bytea[],
    marker_shards integer[], marker_producers bigint[], marker_commits boolean[])
    RETURNS integer[]
    LANGUAGE plpgsql AS $$
DECLARE
    moved integer[];
    gone  bigint;
BEGIN
    PERFORM FROM paillette.coordinator_shard s WHERE s.shard = ANY (shards) ORDER BY s.shard FOR NO KEY UPDATE;

    WITH move AS (
        UPDATE paillette.coordinator_shard s
        SET next_offset = u.new_end
        FROM unnest(shards, epochs, bases, ends) AS u (shard, epoch, base, new_end)
        WHERE s.shard = u.shard AND s.leader_epoch = u.epoch AND s.next_offset = u.base
        RETURNING s.shard)
    SELECT coalesce(array_agg(move.shard), '{}') INTO moved FROM move;

    IF cardinality(put_shards) > 0 THEN
        INSERT INTO paillette.coordinator_state AS s (shard, state_offset, key, value)
        SELECT u.shard, u.state_offset, u.key, u.value
        FROM unnest(put_shards, put_offsets, put_keys, put_values) AS u (shard, state_offset, key, value)
        WHERE u.shard = ANY (moved)
        ON CONFLICT (shard, sha256(key)) DO UPDATE SET state_offset = excluded.state_offset, value = excluded.value;
    END IF;

    -- One by one: with a key in hand no plan but the index can be chosen, however stale the statistics are.
    FOR i IN 1 .. cardinality(drop_shards) LOOP
        IF drop_shards[i] = ANY (moved) THEN
            DELETE FROM paillette.coordinator_state s
            WHERE s.shard = drop_shards[i] AND sha256(s.key) = sha256(drop_keys[i])
            RETURNING s.state_offset INTO gone;
            IF FOUND AND drop_keys[i] < '\x0002'::bytea THEN
                PERFORM paillette.drop_overtaken(drop_keys[i], gone);
            END IF;
            DELETE FROM paillette.coordinator_pending p WHERE p.shard = drop_shards[i] AND p.key = drop_keys[i];
        END IF;
    END LOOP;

    IF cardinality(pending_shards) > 0 THEN
        INSERT INTO paillette.coordinator_pending (shard, producer_id, producer_epoch, state_offset, key, value)
        SELECT u.shard, u.producer_id, u.producer_epoch, u.state_offset, u.key, u.value
        FROM unnest(pending_shards, pending_producers, pending_epochs, pending_offsets, pending_keys, pending_values)
            AS u (shard, producer_id, producer_epoch, state_offset, key, value)
        WHERE u.shard = ANY (moved);
    END IF;

    IF cardinality(marker_shards) > 0 THEN
        WITH ended AS (
            DELETE FROM paillette.coordinator_pending p
            USING unnest(marker_shards, marker_producers, marker_commits) AS m (shard, producer_id, committed)
            WHERE p.shard = m.shard AND p.producer_id = m.producer_id AND m.shard = ANY (moved)
            RETURNING p.shard, p.state_offset, p.key, p.value, m.committed)
        INSERT INTO paillette.coordinator_state AS s (shard, state_offset, key, value)
        SELECT DISTINCT ON (e.shard, e.key) e.shard, e.state_offset, e.key, e.value
        FROM ended e
        WHERE e.committed
        ORDER BY e.shard, e.key, e.state_offset DESC
        -- The younger record wins, as in Kafka's OffsetMetadataManager: a plain commit made meanwhile stays.
        ON CONFLICT (shard, sha256(key)) DO UPDATE SET state_offset = excluded.state_offset, value = excluded.value
            WHERE s.state_offset < excluded.state_offset;
    END IF;

    RETURN moved;
END
$$;
