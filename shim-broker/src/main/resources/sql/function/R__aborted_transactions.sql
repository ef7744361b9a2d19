-- aborted_transactions_v1: transactions that ended in an abort at or after from_offset and began below below_offset.
--
-- Once the last stable offset has passed below_offset nothing later can have begun below it: the walk stops there, however
-- many were aborted since.
CREATE OR REPLACE FUNCTION paillette.aborted_transactions_v1(of_partition bigint, from_offset bigint, below_offset bigint)
    RETURNS SETOF paillette.aborted_transaction
    LANGUAGE plpgsql STABLE
    SET enable_bitmapscan = off SET enable_seqscan = off SET enable_sort = off
    AS $$
DECLARE
    aborted paillette.aborted_transaction;
BEGIN
    FOR aborted IN
        SELECT * FROM paillette.aborted_transaction a
        WHERE a.partition_id = of_partition AND a.last_offset >= from_offset
        ORDER BY a.last_offset
    LOOP
        IF aborted.first_offset < below_offset THEN
            RETURN NEXT aborted;
        END IF;
        EXIT WHEN aborted.stable_offset >= below_offset;
    END LOOP;
END
$$;
