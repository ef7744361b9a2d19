-- release_partitions_v1: leaves partitions without a leader, where the given leader epoch is still the newest.
--
-- The epoch stays: the next leader raises it. Nothing of the old leader may be under way any more.
CREATE OR REPLACE FUNCTION paillette.release_partitions_v1(partition_ids bigint[], epochs integer[])
    RETURNS void
    LANGUAGE plpgsql
    SET enable_seqscan = off SET enable_bitmapscan = off
    AS $$
DECLARE
    change bigint := paillette.next_revision_v1();
    held   record;
BEGIN
    -- As in claim_partitions_v1.
    FOR held IN SELECT w.id, w.epoch FROM unnest(partition_ids, epochs) AS w (id, epoch) ORDER BY w.id LOOP
        UPDATE paillette.partition p SET leader_broker = NULL, revision = change
        WHERE p.id = held.id AND p.leader_epoch = held.epoch;
    END LOOP;
END
$$;
