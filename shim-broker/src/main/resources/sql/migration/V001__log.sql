-- What   Brokers, topics, partitions, the batches of the log, and what a leader needs to take a partition over.
-- Why    One narrow row per partition is the lock and the compare-and-set of every append: nothing but its keys is
--        indexed and half of each page stays free, so its updates stay HOT. One row per record batch, bytes as stored.
-- Locks  New objects only.
-- Undo   DROP SCHEMA paillette CASCADE;  -- loses every topic

CREATE TABLE paillette.cluster (
    only_row   boolean     PRIMARY KEY DEFAULT true CHECK (only_row),
    id         text        NOT NULL, -- as Kafka writes one: 16 bytes, base64url, 22 characters
    created_at timestamptz NOT NULL DEFAULT now(),
    -- Raised in the transaction of every change of a topic or a leader, before anything else in it: the order of numbers is
    -- the order of commits, so whoever has read up to a number has missed nothing below it.
    revision        bigint NOT NULL DEFAULT 0,
    topics_revision bigint NOT NULL DEFAULT 0 -- of the last change of a topic
) WITH (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

CREATE TABLE paillette.broker (
    id                 integer     PRIMARY KEY,
    incarnation        bigint      NOT NULL DEFAULT 1, -- counts the starts
    state              text        NOT NULL CHECK (state IN ('starting', 'serving', 'leaving')),
    listeners          text[]      NOT NULL,
    hosts              text[]      NOT NULL, -- of each listener, as clients reach it
    ports              integer[]   NOT NULL,
    rack               text,
    sources            text[]      NOT NULL, -- that its configuration knows: only such a broker can feed them
    session_timeout_ms integer     NOT NULL,
    heartbeat          timestamptz NOT NULL, -- the database's clock, never a broker's
    backend_pid        integer     NOT NULL, -- of the session that heartbeats: a hint, see register_broker_v1
    backend_start      timestamptz NOT NULL
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

CREATE TABLE paillette.topic (
    id         uuid        PRIMARY KEY,
    name       text        NOT NULL UNIQUE,
    source     text, -- what feeds it, when it is a sequence: ordinary producers may not write it
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
    revision         bigint  NOT NULL DEFAULT 0, -- of the cluster, at its last change of leader
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
    source        text        PRIMARY KEY,
    position      text, -- null until the first records are stored
    leader_broker integer,
    owner_epoch   bigint      NOT NULL DEFAULT 0,
    revision      bigint      NOT NULL DEFAULT 0, -- of the cluster, at its last change of owner
    updated_at    timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

-- A value stands for a block of 1000 producer ids that nobody else ever gets.
CREATE SEQUENCE paillette.producer_id_block AS bigint MINVALUE 0 START 0;
