-- What   Offsets that applications commit by SQL, in the transaction of what they have done.
-- Why    Apart from the coordinator's state, which one broker writes and holds in memory: a transaction of an application must
--        neither wait for it nor hold it up. Whoever asks for a group's offsets looks here too (sql_offsets_v1).
-- Locks  New objects only.
-- Undo   DROP TABLE paillette.sql_offset CASCADE;  -- loses offsets committed by SQL

CREATE TABLE paillette.sql_offset (
    group_id         text        NOT NULL,
    topic_id         uuid        NOT NULL,
    partition        integer     NOT NULL,
    committed_offset bigint      NOT NULL,
    metadata         text        NOT NULL,
    committed_at     timestamptz NOT NULL,
    state_offset     bigint      NOT NULL -- of the group's shard, then: what the coordinator has written since is younger
) WITH (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 1000);
-- Group ids may be longer than a b-tree entry may be.
CREATE UNIQUE INDEX sql_offset_key ON paillette.sql_offset (md5(group_id), topic_id, partition);
