-- read_batches_v1: whole batches from the one that holds from_offset, below below_offset, up to max_bytes.
--
-- The loop looks at headers only and stops at the byte budget, so a reader far behind costs what it gets and no more.
-- at_least_one lets the first batch through even when it is larger than the budget.
-- The planner knows nothing of the early exit and would sort the whole backlog first: only the index scan is left to it.
CREATE OR REPLACE FUNCTION paillette.read_batches_v1(
    of_partition bigint, from_offset bigint, below_offset bigint, max_bytes integer, at_least_one boolean)
    RETURNS SETOF bytea
    LANGUAGE plpgsql STABLE
    SET enable_bitmapscan = off SET enable_seqscan = off SET enable_sort = off
    AS $$
DECLARE
    header      record;
    taken_bytes bigint := 0;
    upto_offset bigint := -1;
BEGIN
    FOR header IN
        SELECT b.last_offset, b.size
        FROM paillette.batch b
        WHERE b.partition_id = of_partition AND b.last_offset >= from_offset AND b.last_offset < below_offset
        ORDER BY b.last_offset
    LOOP
        EXIT WHEN taken_bytes + header.size > max_bytes AND NOT (at_least_one AND upto_offset < 0);
        taken_bytes := taken_bytes + header.size;
        upto_offset := header.last_offset;
    END LOOP;

    RETURN QUERY
        SELECT b.body
        FROM paillette.batch b
        WHERE b.partition_id = of_partition AND b.last_offset >= from_offset AND b.last_offset <= upto_offset
        ORDER BY b.last_offset;
END
$$;
