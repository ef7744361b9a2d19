-- What   Brokers, topics, partitions, the batches of the log, and what a leader needs to take a partition over.
-- Why    One narrow row per partition is the lock and the compare-and-set of every append: nothing but its keys is
--        indexed and half of each page stays free, so its updates stay HOT. One row per record batch, bytes as stored.
-- Locks  New objects only.
-- Undo   DROP SCHEMA paillette CASCADE;  -- loses every topic

CREATE TABLE paillette.cluster (
    only_row   boolean     PRIMARY KEY DEFAULT true CHECK (only_row),
    id         text        NOT NULL, -- as Kafka writes one: 16 bytes, base64url, 22 characters
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE paillette.broker (
    id          integer     PRIMARY KEY,
    incarnation bigint      NOT NULL DEFAULT 1, -- counts the starts
    host        text        NOT NULL,
    port        integer     NOT NULL,
    rack        text,
    heartbeat   timestamptz NOT NULL DEFAULT now() -- the database's clock, never a broker's
) WITH (fillfactor = 50);

CREATE TABLE paillette.topic (
    id         uuid        PRIMARY KEY,
    name       text        NOT NULL UNIQUE,
    sequence   boolean     NOT NULL, -- fed from tables; ordinary producers may not write it
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE paillette.topic_config (
    topic_id uuid NOT NULL REFERENCES paillette.topic ON DELETE CASCADE,
    name     text NOT NULL,
    value    text NOT NULL,
    PRIMARY KEY (topic_id, name)
);

CREATE TABLE paillette.partition (
    id               bigint  PRIMARY KEY GENERATED ALWAYS AS IDENTITY, -- never reused, also not by a topic of the same name
    topic_id         uuid    NOT NULL REFERENCES paillette.topic ON DELETE CASCADE,
    index            integer NOT NULL,
    leader_broker    integer,
    leader_epoch     integer NOT NULL DEFAULT -1, -- the first leader claims epoch 0
    log_start_offset bigint  NOT NULL DEFAULT 0,
    next_offset      bigint  NOT NULL DEFAULT 0,
    segment_id       bigint, -- where its newest batches are; null before the first append
    CONSTRAINT partition_is_unique UNIQUE (topic_id, index),
    CONSTRAINT partition_offsets_are_ordered CHECK (0 <= log_start_offset AND log_start_offset <= next_offset)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000,
        autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 10000);

-- Epochs that wrote nothing leave no row: the next claim at the same offset replaces theirs.
CREATE TABLE paillette.leader_epoch (
    partition_id bigint  NOT NULL,
    start_offset bigint  NOT NULL,
    epoch        integer NOT NULL,
    PRIMARY KEY (partition_id, start_offset)
);

-- The shape of all segment tables (V004), and a way to look at all of them at once. It never has rows of its own.
-- No foreign key: the append already holds the partition's row, and dropped partitions go in the background.
CREATE TABLE paillette.batch (
    partition_id   bigint   NOT NULL,
    base_offset    bigint   NOT NULL,
    last_offset    bigint   NOT NULL,
    max_timestamp  bigint   NOT NULL, -- milliseconds since 1970, -1 for none
    producer_id    bigint   NOT NULL, -- -1 for none
    size           integer  NOT NULL, -- bytes of the body
    leader_epoch   integer  NOT NULL,
    base_sequence  integer  NOT NULL, -- -1 for none
    producer_epoch smallint NOT NULL, -- -1 for none
    attributes     smallint NOT NULL, -- of the batch header: compression, timestamp type, transactional, control
    body           bytea    NOT NULL, -- a whole Kafka record batch, magic 2
    CONSTRAINT batches_go_into_segments CHECK (false) NO INHERIT
);
-- Kafka batches are compressed by their producers or meant to be plain; pglz would only cost time.
ALTER TABLE paillette.batch ALTER COLUMN body SET STORAGE EXTERNAL;

CREATE TABLE paillette.producer_snapshot (
    partition_id bigint PRIMARY KEY,
    upto_offset  bigint NOT NULL, -- the state covers every batch below
    state        bytea  NOT NULL
) WITH (fillfactor = 70);

-- Partitions that are gone and left something that no DROP TABLE takes away.
CREATE TABLE paillette.dropped_partition (
    partition_id bigint PRIMARY KEY
);

CREATE TABLE paillette.feed (
    source      text        PRIMARY KEY,
    position    text, -- null until the first records are stored
    owner_epoch bigint      NOT NULL DEFAULT 0,
    updated_at  timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

-- A value stands for a block of 1000 producer ids that nobody else ever gets.
CREATE SEQUENCE paillette.producer_id_block AS bigint MINVALUE 0 START 0;
