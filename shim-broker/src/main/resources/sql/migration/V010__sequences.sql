-- What   Definitions of sequences that were made on a running broker, over HTTP or the command line (docs/operations.md).
-- Why    They are every broker's, and outlive each. The properties are those of the file, without "sequence.<name>.". Since when
--        a definition holds stands beside it: per partition of its topic the offset of the first record that is its own.
-- Locks  New objects only.
-- Undo   DROP TABLE paillette.sequence; DROP SEQUENCE paillette.sequence_version;  -- their topics stay

CREATE SEQUENCE paillette.sequence_version;

CREATE TABLE paillette.sequence (
    name         text        PRIMARY KEY,
    source       text        NOT NULL,
    topic        text        NOT NULL,
    properties   jsonb       NOT NULL,
    version      bigint      NOT NULL,  -- grows over all of them, so that one made anew is no earlier one
    changed_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    changed_by   text        NOT NULL,
    removal      text        CHECK (removal IN ('keep_topic', 'delete_topic')), -- until its feed has let go of it
    held_version bigint,                -- which the feed of the source goes by
    held_since   timestamptz,
    held_offsets jsonb                  -- {"0": 4711}; a partition that is not there: from its first one
);
