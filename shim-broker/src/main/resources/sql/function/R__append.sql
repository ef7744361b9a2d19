-- advance_v1: moves the next offset of partitions and the position of feeds, all of them or nothing.
--
-- Expected are a partition's leader epoch and next offset, and a feed's owner epoch. Where one of them differs or is gone,
-- nothing is changed and the answer names the partitions and feeds at fault; empty arrays mean that all have moved.
-- partition_ids and sources ascend: rows are locked in key order, so groups of several brokers cannot deadlock. One row at
-- a time by its key, because a join of arrays is planned for ten elements and turns quadratic with a thousand.
-- The signature is frozen: two broker versions call it during an upgrade.
CREATE OR REPLACE FUNCTION paillette.advance_v1(
    partition_ids bigint[], epochs integer[], expected_offsets bigint[], next_offsets bigint[],
    sources text[], owner_epochs bigint[], positions text[],
    OUT refused_partitions bigint[], OUT refused_sources text[])
    LANGUAGE plpgsql AS $$
BEGIN
    refused_partitions := '{}';
    refused_sources := '{}';
    FOR i IN 1 .. cardinality(partition_ids) LOOP
        PERFORM 1
        FROM paillette.partition p
        WHERE p.id = partition_ids[i] AND p.leader_epoch = epochs[i] AND p.next_offset = expected_offsets[i]
        FOR NO KEY UPDATE;
        IF NOT FOUND THEN
            refused_partitions := refused_partitions || partition_ids[i];
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

    FOR i IN 1 .. cardinality(partition_ids) LOOP
        UPDATE paillette.partition p SET next_offset = next_offsets[i] WHERE p.id = partition_ids[i];
    END LOOP;
    FOR i IN 1 .. cardinality(sources) LOOP
        UPDATE paillette.feed f SET position = positions[i], updated_at = now() WHERE f.source = sources[i];
    END LOOP;
END
$$;

-- append_v1: advance_v1 and the batches in one round trip, for small groups. Large groups call advance_v1 and COPY.
CREATE OR REPLACE FUNCTION paillette.append_v1(
    partition_ids bigint[], epochs integer[], expected_offsets bigint[], next_offsets bigint[],
    sources text[], owner_epochs bigint[], positions text[],
    batch_partitions bigint[], base_offsets bigint[], last_offsets bigint[], max_timestamps bigint[], producer_ids bigint[],
    leader_epochs integer[], base_sequences integer[], producer_epochs smallint[], attribute_bits smallint[], bodies bytea[],
    OUT refused_partitions bigint[], OUT refused_sources text[])
    LANGUAGE plpgsql AS $$
BEGIN
    SELECT a.refused_partitions, a.refused_sources INTO refused_partitions, refused_sources
    FROM paillette.advance_v1(partition_ids, epochs, expected_offsets, next_offsets, sources, owner_epochs, positions) AS a;

    IF cardinality(refused_partitions) = 0 AND cardinality(refused_sources) = 0 THEN
        INSERT INTO paillette.batch (partition_id, base_offset, last_offset, max_timestamp, producer_id, size,
                                     leader_epoch, base_sequence, producer_epoch, attributes, body)
        SELECT b.partition_id, b.base_offset, b.last_offset, b.max_timestamp, b.producer_id, length(b.body),
               b.leader_epoch, b.base_sequence, b.producer_epoch, b.attributes, b.body
        FROM unnest(batch_partitions, base_offsets, last_offsets, max_timestamps, producer_ids,
                    leader_epochs, base_sequences, producer_epochs, attribute_bits, bodies)
            AS b (partition_id, base_offset, last_offset, max_timestamp, producer_id,
                  leader_epoch, base_sequence, producer_epoch, attributes, body);
    END IF;
END
$$;
