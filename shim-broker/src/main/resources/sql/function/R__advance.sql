-- advance_v1: moves the next offset of partitions and the position of feeds, all of them or nothing.
--
-- Expected are a partition's leader epoch and next offset, and a feed's owner epoch. Where one of them differs or is gone,
-- nothing is changed and the answer names the partitions and feeds at fault; empty arrays mean that all have moved.
-- partition_ids and sources ascend: rows are locked in key order, so groups of several brokers cannot deadlock. One row at
-- a time by its key, because a join of arrays is planned for ten elements and turns quadratic with a thousand.
-- segment_ids says into which tables the caller writes the batches, in the same transaction. A partition that wrote
-- elsewhere last gets a range in the map; the row says so itself, so no broker can be wrong about it.
-- The signature is frozen: two broker versions call it during an upgrade.
CREATE OR REPLACE FUNCTION paillette.advance_v1(
    partition_ids bigint[], epochs integer[], expected_offsets bigint[], next_offsets bigint[], segment_ids bigint[],
    sources text[], owner_epochs bigint[], positions text[],
    OUT refused_partitions bigint[], OUT refused_sources text[])
    LANGUAGE plpgsql
    SET enable_seqscan = off -- a session that planned this for ten partitions keeps the plan when there are ten thousand
    AS $$
DECLARE
    last_segment bigint;
    entering     integer[] := '{}';
    i            integer;
BEGIN
    refused_partitions := '{}';
    refused_sources := '{}';
    FOR i IN 1 .. cardinality(partition_ids) LOOP
        SELECT p.segment_id INTO last_segment
        FROM paillette.partition p
        WHERE p.id = partition_ids[i] AND p.leader_epoch = epochs[i] AND p.next_offset = expected_offsets[i]
        FOR NO KEY UPDATE;
        IF NOT FOUND THEN
            refused_partitions := refused_partitions || partition_ids[i];
        ELSIF last_segment IS DISTINCT FROM segment_ids[i] THEN
            entering := entering || i;
        END IF;
    END LOOP;
    FOR i IN 1 .. cardinality(sources) LOOP
        PERFORM 1 FROM paillette.feed f WHERE f.source = sources[i] AND f.owner_epoch = owner_epochs[i] FOR NO KEY UPDATE;
        IF NOT FOUND THEN
            refused_sources := refused_sources || sources[i];
        END IF;
    END LOOP;

    IF cardinality(refused_partitions) > 0 OR cardinality(refused_sources) > 0 THEN
        RETURN;
    END IF;

    FOREACH i IN ARRAY entering LOOP
        INSERT INTO paillette.partition_segment AS r (partition_id, first_offset, segment_id)
        VALUES (partition_ids[i], expected_offsets[i], segment_ids[i])
        ON CONFLICT (partition_id, first_offset) DO UPDATE SET segment_id = excluded.segment_id, end_offset = NULL;
    END LOOP;
    FOR i IN 1 .. cardinality(partition_ids) LOOP
        UPDATE paillette.partition p SET next_offset = next_offsets[i], segment_id = segment_ids[i]
        WHERE p.id = partition_ids[i];
    END LOOP;
    FOR i IN 1 .. cardinality(sources) LOOP
        UPDATE paillette.feed f SET position = positions[i], updated_at = now() WHERE f.source = sources[i];
    END LOOP;
END
$$;
