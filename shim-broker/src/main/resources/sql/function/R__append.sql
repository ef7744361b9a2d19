-- advance_v1: moves the next offset of partitions and the position of feeds, all of them or nothing.
--
-- Expected are a partition's leader epoch and next offset, and a feed's owner epoch. Where one of them differs or is gone,
-- nothing is changed and the answer names the partitions and feeds at fault; empty arrays mean that all have moved.
-- Rows are locked in key order, so groups of several brokers cannot deadlock. The signature is frozen: two broker
-- versions call it during an upgrade.
CREATE OR REPLACE FUNCTION paillette.advance_v1(
    partition_ids bigint[], epochs integer[], expected_offsets bigint[], next_offsets bigint[],
    sources text[], owner_epochs bigint[], positions text[],
    OUT refused_partitions bigint[], OUT refused_sources text[])
    LANGUAGE plpgsql AS $$
BEGIN
    SELECT coalesce(array_agg(w.id), '{}') INTO refused_partitions
    FROM unnest(partition_ids, epochs, expected_offsets) AS w (id, epoch, expected)
    LEFT JOIN (
        SELECT p.id, p.leader_epoch, p.next_offset
        FROM paillette.partition p
        WHERE p.id = ANY (partition_ids)
        ORDER BY p.id
        FOR NO KEY UPDATE
    ) AS locked ON locked.id = w.id
    WHERE locked.id IS NULL OR locked.leader_epoch <> w.epoch OR locked.next_offset <> w.expected;

    refused_sources := '{}';
    IF cardinality(sources) > 0 THEN
        SELECT coalesce(array_agg(w.source), '{}') INTO refused_sources
        FROM unnest(sources, owner_epochs) AS w (source, epoch)
        LEFT JOIN (
            SELECT f.source, f.owner_epoch
            FROM paillette.feed f
            WHERE f.source = ANY (sources)
            ORDER BY f.source
            FOR NO KEY UPDATE
        ) AS locked ON locked.source = w.source
        WHERE locked.source IS NULL OR locked.owner_epoch <> w.epoch;
    END IF;

    IF cardinality(refused_partitions) > 0 OR cardinality(refused_sources) > 0 THEN
        RETURN;
    END IF;

    UPDATE paillette.partition p
    SET next_offset = w.next
    FROM unnest(partition_ids, next_offsets) AS w (id, next)
    WHERE p.id = w.id;

    IF cardinality(sources) > 0 THEN
        UPDATE paillette.feed f
        SET position = w.position, updated_at = now()
        FROM unnest(sources, positions) AS w (source, position)
        WHERE f.source = w.source;
    END IF;
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
