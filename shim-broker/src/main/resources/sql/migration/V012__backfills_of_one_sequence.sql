-- What   Backfills for one sequence alone, why one was cancelled that nobody asked to, and since when one is running
--        (docs/operations.md).
-- Why    A sequence that is made beside others is to be filled without telling the others every row once more. The time left
--        was told by all the time since the beginning, pauses among it.
-- Locks  ACCESS EXCLUSIVE on paillette.backfill for a moment: nothing is written anew.
-- Undo   ALTER TABLE paillette.backfill DROP COLUMN sequence CASCADE, DROP COLUMN cancelled_because, DROP COLUMN paced_at CASCADE,
--            DROP COLUMN paced_from CASCADE;  -- with the view

ALTER TABLE paillette.backfill
    ADD COLUMN sequence          text NOT NULL DEFAULT '', -- empty: every one that the table feeds
    ADD COLUMN cancelled_because text NOT NULL DEFAULT '',
    ADD COLUMN paced_at          timestamptz,              -- since when it has been running, and with how many rows told by then
    ADD COLUMN paced_from        bigint NOT NULL DEFAULT 0;
