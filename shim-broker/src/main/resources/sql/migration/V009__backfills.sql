-- What   Backfills: rows of a source's table that are asked for once more, and how far they are (docs/operations.md).
-- Why    They are asked for by SQL, of whichever broker feeds the source, and outlive it. How far one is the feed's position
--        knows; what stands here of that is told by the feed for people to see.
-- Locks  New objects only.
-- Undo   DROP TABLE paillette.backfill CASCADE;  -- those that are under way end

CREATE TABLE paillette.backfill (
    id             bigint      PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    source         text        NOT NULL,
    table_schema   text        NOT NULL,
    table_name     text        NOT NULL,
    condition      text        NOT NULL CHECK (char_length(condition) <= 10000), -- empty: every row
    wish           text        NOT NULL DEFAULT 'run' CHECK (wish IN ('run', 'pause', 'cancel')),
    state          text        NOT NULL DEFAULT 'waiting'
        CHECK (state IN ('waiting', 'running', 'paused', 'done', 'failed', 'cancelled')),
    fault          text        NOT NULL DEFAULT '',
    rows           bigint      NOT NULL DEFAULT 0,
    bytes          bigint      NOT NULL DEFAULT 0,
    estimated_rows bigint      NOT NULL DEFAULT 0,
    requested_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    begun_at       timestamptz,
    ended_at       timestamptz
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

-- Looked for every second; all others are history.
CREATE INDEX backfill_under_way ON paillette.backfill (id) WHERE ended_at IS NULL;
