-- What   Segment tables, which hold the batches of many partitions, and the map of what is where; how far compaction got.
-- Why    Retention drops whole tables instead of deleting rows. A range of the map is written when a partition first writes
--        into a table, never again by an append: where it ends is where the partition's next range starts.
-- Locks  New objects only.
-- Undo   DROP SCHEMA paillette CASCADE;  -- loses every topic

-- Segment 7 is table batch_7, a child of table batch. The newest of a class is the one that is written to.
CREATE TABLE paillette.segment (
    id         bigint      PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    class      text        NOT NULL, -- of retention: what shares a table expires at about the same time
    measured   boolean     NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now()
);

-- The measured columns describe the range as long as end_offset is where it ends; until then nothing is known of it.
CREATE TABLE paillette.partition_segment (
    partition_id  bigint NOT NULL,
    first_offset  bigint NOT NULL,
    segment_id    bigint NOT NULL,
    end_offset    bigint, -- exclusive
    max_timestamp bigint,
    bytes         bigint,
    producers     boolean, -- whether any batch has a producer id
    PRIMARY KEY (partition_id, first_offset)
) WITH (fillfactor = 70, autovacuum_analyze_scale_factor = 0.02);
CREATE INDEX partition_segment_by_segment ON paillette.partition_segment (segment_id);

CREATE TABLE paillette.compaction (
    partition_id bigint PRIMARY KEY,
    clean_upto   bigint NOT NULL, -- below it every key has one record
    clean_bytes  bigint NOT NULL
) WITH (fillfactor = 70);
