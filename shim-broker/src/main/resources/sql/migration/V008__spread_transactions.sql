-- What   The producer whose Kafka transaction is open in the sequences of a source, while a transaction of the source is spread
--        over several appends. It is read out of the position, which each of these appends moves.
-- Why    Whoever takes a partition over must know before anybody reads that its last stable offset is behind its end.
-- Locks  ACCESS EXCLUSIVE on paillette.feed, which has one row for each source, while it is rewritten.
-- Undo   ALTER TABLE paillette.feed DROP COLUMN producer_id;

ALTER TABLE paillette.feed ADD COLUMN producer_id bigint
    GENERATED ALWAYS AS (substring(position from '^producer=(\d+) ')::bigint) STORED;
