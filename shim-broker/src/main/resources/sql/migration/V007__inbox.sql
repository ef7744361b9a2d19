-- What   Records that applications publish by SQL, in transactions of their own, on their way into the log.
-- Why    An application's transaction must hold no lock on a partition until it ends. So the record waits here, invisible until
--        the transaction commits, and the partition's leader moves it into the log in one transaction of its own.
--        Numbers are in the order of the calls, so whoever is called after another's commit is behind it.
--        No foreign key: it would lock the partition's row, which every append changes. Orphans are swept out.
-- Locks  New objects only.
-- Undo   DROP TABLE paillette.inbox CASCADE;  -- loses records that are published and not in the log yet

CREATE TABLE paillette.inbox (
    id            bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY, -- one by one (CACHE 1), else the order of the calls is lost
    partition_id  bigint      NOT NULL,
    created_at    timestamptz NOT NULL, -- the record's timestamp
    bytes         bigint      NOT NULL, -- that it takes at most, headers too
    key           bytea,
    value         bytea,
    header_names  text[]      NOT NULL,
    header_values bytea[]     NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
        autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 20000);
