-- claim_coordinator_shards_v1: makes a broker the leader of coordinator shards, where their epoch is still the one it knows.
-- A frozen leader's locks: as in claim_partitions_v1.
CREATE OR REPLACE FUNCTION paillette.claim_coordinator_shards_v1(broker integer, shards integer[], expected_epochs integer[])
    RETURNS TABLE (shard integer, leader_epoch integer, next_offset bigint)
    LANGUAGE plpgsql
    SET lock_timeout = '1s'
    AS $$
#variable_conflict use_column
DECLARE
    change bigint := paillette.next_revision_v1();
BEGIN
    RETURN QUERY
    WITH locked AS MATERIALIZED (
        SELECT s.shard
        FROM paillette.coordinator_shard s
        JOIN unnest(shards, expected_epochs) AS w (shard, expected_epoch)
            ON s.shard = w.shard AND s.leader_epoch = w.expected_epoch
        ORDER BY s.shard
        FOR NO KEY UPDATE OF s
    )
    UPDATE paillette.coordinator_shard s
    SET leader_broker = broker, leader_epoch = s.leader_epoch + 1, revision = change, claimed_at = clock_timestamp()
    FROM locked
    WHERE s.shard = locked.shard
    RETURNING s.shard, s.leader_epoch, s.next_offset;
END
$$;
