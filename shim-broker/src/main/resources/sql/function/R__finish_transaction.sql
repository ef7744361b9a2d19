-- finish_transaction_v1: these participants have written their markers; with the last of them the transaction is complete.
--
-- Answers the transactional id when it is complete now, null otherwise. A participant whose topic is gone counts as done.
-- Does nothing when the producer has another epoch, or its transaction is not about to end: then somebody else was faster.
-- The signature is frozen: two broker versions call it during an upgrade.
CREATE OR REPLACE FUNCTION paillette.finish_transaction_v1(
    producer bigint, epoch smallint, topic_ids uuid[], indexes integer[], shards integer[])
    RETURNS bytea
    LANGUAGE plpgsql
    SET enable_seqscan = off
    AS $$
DECLARE
    ending paillette.transaction;
BEGIN
    SELECT * INTO ending FROM paillette.transaction t
    WHERE t.producer_id = producer AND t.producer_epoch = epoch AND t.state IN ('prepare_commit', 'prepare_abort')
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    DELETE FROM paillette.transaction_partition p
    USING unnest(topic_ids, indexes) AS d (topic_id, index)
    WHERE p.producer_id = producer AND p.topic_id = d.topic_id AND p.index = d.index;
    DELETE FROM paillette.transaction_shard s WHERE s.producer_id = producer AND s.shard = ANY (finish_transaction_v1.shards);

    IF EXISTS (SELECT FROM paillette.transaction_shard s WHERE s.producer_id = producer)
        OR EXISTS (SELECT FROM paillette.transaction_partition p
                   JOIN paillette.partition q ON q.topic_id = p.topic_id AND q.index = p.index
                   WHERE p.producer_id = producer) THEN
        RETURN NULL;
    END IF;
    DELETE FROM paillette.transaction_partition p WHERE p.producer_id = producer; -- of dropped topics
    UPDATE paillette.transaction t
    SET state = CASE ending.state WHEN 'prepare_commit' THEN 'complete_commit' ELSE 'complete_abort' END,
        producer_id = CASE WHEN ending.next_producer_id >= 0 THEN ending.next_producer_id ELSE producer END,
        producer_epoch = CASE WHEN ending.next_producer_id >= 0 THEN 0 ELSE epoch END,
        previous_producer_id = CASE WHEN ending.next_producer_id >= 0 THEN producer ELSE ending.previous_producer_id END,
        next_producer_id = -1, started_at = NULL, updated_at = clock_timestamp(), version = t.version + 1
    WHERE t.producer_id = producer;
    RETURN ending.transactional_id;
END
$$;
