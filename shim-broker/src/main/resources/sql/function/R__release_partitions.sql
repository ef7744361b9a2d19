-- release_partitions_v1: leaves partitions without a leader, where the given leader epoch is still the newest.
--
-- The epoch stays: the next leader raises it. Nothing of the old leader may be under way any more.
CREATE OR REPLACE FUNCTION paillette.release_partitions_v1(partition_ids bigint[], epochs integer[])
    RETURNS void
    LANGUAGE plpgsql AS $$
DECLARE
    change bigint := paillette.next_revision_v1();
BEGIN
    WITH locked AS MATERIALIZED (
        SELECT p.id
        FROM paillette.partition p
        JOIN unnest(partition_ids, epochs) AS w (id, epoch) ON p.id = w.id AND p.leader_epoch = w.epoch
        ORDER BY p.id
        FOR NO KEY UPDATE OF p
    )
    UPDATE paillette.partition p SET leader_broker = NULL, revision = change FROM locked WHERE p.id = locked.id;
END
$$;
