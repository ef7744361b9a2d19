-- read_batches_v1: whole batches from the one that holds from_offset, below below_offset, up to max_bytes.
--
-- The loop stops at the byte budget, so a reader far behind costs what it gets and no more: bodies are pointers until they
-- are sent. at_least_one lets the first batch through even when it is larger than the budget. Only the tables that hold
-- the asked offsets are touched, each by its name, so there is no plan to go stale.
-- The planner knows nothing of the early exit and would sort the whole backlog first: only the index scan is left to it.
CREATE OR REPLACE FUNCTION paillette.read_batches_v1(
    of_partition bigint, from_offset bigint, below_offset bigint, max_bytes integer, at_least_one boolean)
    RETURNS SETOF bytea
    LANGUAGE plpgsql STABLE
    SET enable_bitmapscan = off SET enable_seqscan = off SET enable_sort = off
    AS $$
DECLARE
    part        record;
    batch       record;
    taken_bytes bigint := 0;
    nothing_yet boolean := true;
BEGIN
    FOR part IN
        SELECT r.segment_id, r.first_offset, r.below
        FROM paillette.ranges_v1(of_partition, from_offset, below_offset) AS r
    LOOP
        FOR batch IN
            EXECUTE format('SELECT b.size, b.body FROM paillette.batch_%s b WHERE b.partition_id = $1'
                        || ' AND b.last_offset >= $2 AND b.last_offset < $3 ORDER BY b.last_offset', part.segment_id)
            USING of_partition, part.first_offset, part.below
        LOOP
            IF taken_bytes + batch.size > max_bytes AND NOT (at_least_one AND nothing_yet) THEN
                RETURN;
            END IF;
            taken_bytes := taken_bytes + batch.size;
            nothing_yet := false;
            RETURN NEXT batch.body;
        END LOOP;
    END LOOP;
END
$$;
