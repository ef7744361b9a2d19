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
    SET enable_seqscan = off SET enable_bitmapscan = off
    AS $$
#variable_conflict use_column
DECLARE
    change bigint := paillette.next_revision_v1();
    wanted record;
BEGIN
    -- In the order of ids, as everywhere. One row at a time by its key: a session plans this once, for as many partitions as
    -- there were then.
    FOR wanted IN
        SELECT p.id, w.expected_epoch
        FROM unnest(topic_ids, indexes, expected_epochs) AS w (topic_id, index, expected_epoch)
        CROSS JOIN LATERAL (
            SELECT q.id FROM paillette.partition q WHERE q.topic_id = w.topic_id AND q.index = w.index OFFSET 0) AS p
        ORDER BY p.id
    LOOP
        UPDATE paillette.partition p
        SET leader_broker = broker, leader_epoch = p.leader_epoch + 1, revision = change
        WHERE p.id = wanted.id AND p.leader_epoch = wanted.expected_epoch
        RETURNING p.id, p.topic_id, p.index, p.leader_epoch, p.log_start_offset, p.next_offset
        INTO id, topic_id, index, leader_epoch, log_start_offset, next_offset;
        IF FOUND THEN
            INSERT INTO paillette.leader_epoch AS e (partition_id, start_offset, epoch)
            VALUES (wanted.id, next_offset, leader_epoch)
            ON CONFLICT (partition_id, start_offset) DO UPDATE SET epoch = excluded.epoch;
            RETURN NEXT;
        END IF;
    END LOOP;
END
$$;
