-- claim_partitions_v1: makes a broker the leader of the asked topics' partitions, numbered from from_indexes on.
--
-- Each gets the next leader epoch, and the offset at which that epoch starts is remembered. Taking the rows' locks waits
-- for an append of the old leader that is under way; its next one finds the new epoch and changes nothing.
CREATE OR REPLACE FUNCTION paillette.claim_partitions_v1(broker integer, topic_ids uuid[], from_indexes integer[])
    RETURNS TABLE (id bigint, topic_id uuid, index integer, leader_epoch integer, log_start_offset bigint, next_offset bigint)
    LANGUAGE sql AS $$
    WITH locked AS MATERIALIZED (
        SELECT p.id
        FROM paillette.partition p
        JOIN unnest(topic_ids, from_indexes) AS w (topic_id, from_index)
            ON p.topic_id = w.topic_id AND p.index >= w.from_index
        ORDER BY p.id
        FOR NO KEY UPDATE OF p
    ), claimed AS (
        UPDATE paillette.partition p
        SET leader_broker = broker, leader_epoch = p.leader_epoch + 1
        FROM locked
        WHERE p.id = locked.id
        RETURNING p.id, p.topic_id, p.index, p.leader_epoch, p.log_start_offset, p.next_offset
    ), remembered AS (
        INSERT INTO paillette.leader_epoch AS e (partition_id, start_offset, epoch)
        SELECT claimed.id, claimed.next_offset, claimed.leader_epoch FROM claimed
        ON CONFLICT (partition_id, start_offset) DO UPDATE SET epoch = excluded.epoch
    )
    SELECT claimed.id, claimed.topic_id, claimed.index, claimed.leader_epoch, claimed.log_start_offset, claimed.next_offset
    FROM claimed
$$;
