-- claim_partitions_v1: makes a broker the leader of partitions, where their leader epoch is still the one it knows.
--
-- Each gets the next leader epoch, and the offset at which that epoch starts is remembered; partitions that somebody else has
-- claimed meanwhile are not answered. Taking the rows' locks waits for an append of the old leader that is under way; its next
-- one finds the new epoch and changes nothing. An old leader that was frozen inside a transaction would hold its locks for a
-- minute: after a second this fails, and the claimer ends such sessions (cluster.sql, endStalled).
-- The signature is frozen: two broker versions call it during an upgrade.
CREATE OR REPLACE FUNCTION paillette.claim_partitions_v1(
    broker integer, topic_ids uuid[], indexes integer[], expected_epochs integer[])
    RETURNS TABLE (id bigint, topic_id uuid, index integer, leader_epoch integer, log_start_offset bigint, next_offset bigint)
    LANGUAGE plpgsql
    SET lock_timeout = '1s'
    AS $$
#variable_conflict use_column
DECLARE
    change bigint := paillette.next_revision_v1();
BEGIN
    RETURN QUERY
    WITH locked AS MATERIALIZED (
        SELECT p.id
        FROM paillette.partition p
        JOIN unnest(topic_ids, indexes, expected_epochs) AS w (topic_id, index, expected_epoch)
            ON p.topic_id = w.topic_id AND p.index = w.index AND p.leader_epoch = w.expected_epoch
        ORDER BY p.id
        FOR NO KEY UPDATE OF p
    ), claimed AS (
        UPDATE paillette.partition p
        SET leader_broker = broker, leader_epoch = p.leader_epoch + 1, revision = change
        FROM locked
        WHERE p.id = locked.id
        RETURNING p.id, p.topic_id, p.index, p.leader_epoch, p.log_start_offset, p.next_offset
    ), remembered AS (
        INSERT INTO paillette.leader_epoch AS e (partition_id, start_offset, epoch)
        SELECT claimed.id, claimed.next_offset, claimed.leader_epoch FROM claimed
        ON CONFLICT (partition_id, start_offset) DO UPDATE SET epoch = excluded.epoch
    )
    SELECT claimed.id, claimed.topic_id, claimed.index, claimed.leader_epoch, claimed.log_start_offset, claimed.next_offset
    FROM claimed;
END
$$;
