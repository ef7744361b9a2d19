-- What   Transactions: one row for each transactional id, who takes part in the open ones, which were aborted.
-- Why    Every change of a transaction is a compare-and-set on its row's version, so any broker may make it and none has to be
--        elected for it. Who leads a participant writes its marker and then deletes its row here; with the last one the
--        transaction is complete. Ids may be longer than a b-tree entry may be, hence the hash in the index.
-- Locks  New objects only.
-- Undo   DROP TABLE paillette.transaction, paillette.transaction_partition, paillette.transaction_shard, paillette.aborted_transaction CASCADE;

CREATE TABLE paillette.transaction (
    transactional_id     bytea       NOT NULL, -- UTF-8
    producer_id          bigint      NOT NULL,
    producer_epoch       smallint    NOT NULL,
    last_producer_epoch  smallint    NOT NULL, -- before the last bump that a producer asked for; -1 for none
    previous_producer_id bigint      NOT NULL, -- whose epochs are used up; -1 for none
    next_producer_id     bigint      NOT NULL, -- taken once the transaction is complete; -1 for none
    client_version       smallint    NOT NULL, -- transaction.version of the client that began it (KIP-890)
    timeout_ms           integer     NOT NULL,
    state                text        NOT NULL CHECK (state IN
        ('empty', 'ongoing', 'prepare_commit', 'prepare_abort', 'complete_commit', 'complete_abort')),
    started_at           timestamptz, -- of the transaction; null between two
    updated_at           timestamptz NOT NULL,
    version              bigint      NOT NULL  -- raised by every change
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

CREATE UNIQUE INDEX transaction_id ON paillette.transaction (sha256(transactional_id));
CREATE UNIQUE INDEX transaction_producer ON paillette.transaction (producer_id);
-- Decided and not complete yet: mostly none.
CREATE INDEX transaction_ending ON paillette.transaction (producer_id) WHERE state IN ('prepare_commit', 'prepare_abort');

-- By topic and index, as a producer names them: the topic may be dropped in the midst of the transaction.
CREATE TABLE paillette.transaction_partition (
    producer_id bigint  NOT NULL,
    topic_id    uuid    NOT NULL,
    index       integer NOT NULL,
    PRIMARY KEY (producer_id, topic_id, index)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
CREATE INDEX transaction_partition_by_partition ON paillette.transaction_partition (topic_id, index);

-- Coordinator shards that hold offsets of the transaction.
CREATE TABLE paillette.transaction_shard (
    producer_id bigint  NOT NULL,
    shard       integer NOT NULL,
    PRIMARY KEY (producer_id, shard)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

-- What Kafka keeps in a segment's transaction index. Written with the marker, in one transaction.
CREATE TABLE paillette.aborted_transaction (
    partition_id  bigint NOT NULL,
    last_offset   bigint NOT NULL, -- of the marker
    producer_id   bigint NOT NULL,
    first_offset  bigint NOT NULL,
    stable_offset bigint NOT NULL, -- last stable offset once the marker is there
    PRIMARY KEY (partition_id, last_offset)
);
