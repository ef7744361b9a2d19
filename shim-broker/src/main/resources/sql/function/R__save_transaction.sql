-- save_transaction_v1: moves a transaction from one state to another, unless somebody else has moved it meanwhile.
--
-- expected_version is the version that the caller has seen, 0 for an id that is not known yet. Answers whether it moved.
-- The signature is frozen: two broker versions call it during an upgrade.
CREATE OR REPLACE FUNCTION paillette.save_transaction_v1(
    id bytea, expected_version bigint,
    new_producer_id bigint, new_producer_epoch smallint, new_last_epoch smallint, new_previous_id bigint, new_next_id bigint,
    new_client_version smallint, new_timeout_ms integer, new_state text, started_ms bigint,
    topic_ids uuid[], indexes integer[], shards integer[])
    RETURNS boolean
    LANGUAGE plpgsql
    SET enable_seqscan = off
    AS $$
DECLARE
    new_start timestamptz := CASE WHEN started_ms >= 0 THEN to_timestamp(started_ms / 1000.0) END;
BEGIN
    IF expected_version = 0 THEN
        INSERT INTO paillette.transaction AS t
            (transactional_id, producer_id, producer_epoch, last_producer_epoch, previous_producer_id, next_producer_id,
             client_version, timeout_ms, state, started_at, updated_at, version)
        VALUES (id, new_producer_id, new_producer_epoch, new_last_epoch, new_previous_id, new_next_id,
                new_client_version, new_timeout_ms, new_state, new_start, clock_timestamp(), 1)
        ON CONFLICT (sha256(transactional_id)) DO NOTHING;
    ELSE
        UPDATE paillette.transaction t
        SET producer_id = new_producer_id, producer_epoch = new_producer_epoch, last_producer_epoch = new_last_epoch,
            previous_producer_id = new_previous_id, next_producer_id = new_next_id, client_version = new_client_version,
            timeout_ms = new_timeout_ms, state = new_state, started_at = new_start, updated_at = clock_timestamp(),
            version = t.version + 1
        WHERE sha256(t.transactional_id) = sha256(id) AND t.version = expected_version;
    END IF;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    INSERT INTO paillette.transaction_partition (producer_id, topic_id, index)
    SELECT new_producer_id, a.topic_id, a.index FROM unnest(topic_ids, indexes) AS a (topic_id, index)
    ON CONFLICT DO NOTHING;
    INSERT INTO paillette.transaction_shard (producer_id, shard)
    SELECT new_producer_id, a.shard FROM unnest(shards) AS a (shard)
    ON CONFLICT DO NOTHING;
    RETURN true;
END
$$;
