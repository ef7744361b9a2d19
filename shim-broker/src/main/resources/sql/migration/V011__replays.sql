-- What   Replays: stored records that match a condition, published once more to a topic, and how far they are (docs/operations.md).
-- Why    Each partition is read by its leader, and goes on with another one after a kill. How far a partition is moves in the
--        transaction that puts its records into the inbox, so that each is published once.
-- Locks  New objects only.
-- Undo   DROP TABLE paillette.replay, paillette.replay_partition CASCADE;  -- those that are under way end

CREATE TABLE paillette.replay (
    id           bigint      PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    topic        text        NOT NULL,
    target       text        NOT NULL,
    target_id    uuid        NOT NULL, -- another topic of that name is another one
    condition    text        NOT NULL CHECK (char_length(condition) <= 10000), -- empty: every record
    from_place   text        NOT NULL,
    headers      jsonb       NOT NULL, -- that are added
    state        text        NOT NULL DEFAULT 'waiting'
        CHECK (state IN ('waiting', 'running', 'paused', 'done', 'failed', 'cancelled')),
    fault        text        NOT NULL DEFAULT '',
    requested_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    begun_at     timestamptz,
    ended_at     timestamptz,
    paced_at     timestamptz, -- since when it has been running, and with how many offsets behind it: what the time left is told by
    paced_from   bigint      NOT NULL DEFAULT 0
);

-- Looked for every few seconds; all others are history.
CREATE INDEX replay_under_way ON paillette.replay (id) WHERE ended_at IS NULL;

CREATE TABLE paillette.replay_partition (
    replay_id    bigint  NOT NULL REFERENCES paillette.replay ON DELETE CASCADE,
    index        integer NOT NULL,
    partition_id bigint  NOT NULL,
    from_time    timestamptz, -- not null as long as its leader has not looked for the offset
    first_offset bigint  NOT NULL,
    next_offset  bigint  NOT NULL,
    end_offset   bigint  NOT NULL, -- exclusive: where the partition ended when it was asked for
    records      bigint  NOT NULL DEFAULT 0, -- that were looked at
    published    bigint  NOT NULL DEFAULT 0,
    gone         bigint  NOT NULL DEFAULT 0, -- offsets that retention took away before they were read
    inbox_from   bigint  NOT NULL DEFAULT 0, -- numbers in the inbox between which the newest of its records are
    inbox_to     bigint  NOT NULL DEFAULT 0,
    PRIMARY KEY (replay_id, index)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
