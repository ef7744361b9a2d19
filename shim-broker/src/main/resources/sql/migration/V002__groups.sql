-- What   The state of Kafka's group coordinator: key/value records of each shard, as Kafka itself serialises them.
-- Why    One row per key is what a compacted __consumer_offsets would hold in the end: loading costs the live keys, never the
--        history. A shard row is the fence every write goes through, so it stays HOT-updatable and nearly alone on its page.
--        Keys may be longer than a b-tree entry may be, hence the hash in the index.
-- Locks  New objects only.
-- Undo   DROP TABLE paillette.coordinator_pending, paillette.coordinator_state, paillette.coordinator_shard CASCADE;  -- loses groups and offsets

CREATE TABLE paillette.coordinator_shard (
    shard         integer PRIMARY KEY,
    leader_broker integer,
    leader_epoch  integer NOT NULL DEFAULT 0,    -- raised by whoever takes the shard over; older writers are refused
    next_offset   bigint  NOT NULL DEFAULT 0,    -- state offset that the next record gets
    revision      bigint  NOT NULL DEFAULT 0,    -- of the cluster, at its last change of leader
    claimed_at    timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 200);

CREATE TABLE paillette.coordinator_state (
    shard        integer NOT NULL,
    state_offset bigint  NOT NULL,               -- of the record that wrote the row; loading replays in this order
    key          bytea   NOT NULL,
    value        bytea   NOT NULL                -- a tombstone removes the row
) WITH (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 1000);

CREATE UNIQUE INDEX coordinator_state_key ON paillette.coordinator_state (shard, sha256(key));

CREATE TABLE paillette.coordinator_pending (
    shard          integer  NOT NULL,
    producer_id    bigint   NOT NULL,            -- whose transaction is still open
    producer_epoch smallint NOT NULL,
    state_offset   bigint   NOT NULL,
    key            bytea    NOT NULL,
    value          bytea    NOT NULL,
    PRIMARY KEY (shard, producer_id, state_offset)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
