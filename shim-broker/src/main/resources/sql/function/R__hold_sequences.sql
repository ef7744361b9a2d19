-- hold_sequences_v1: the feed of a source goes by these definitions from its next append on.
--
-- To be called between its claim, which ends all appends of before, and its first append: what a partition has now is of earlier
-- definitions, what comes is of these. known is {"name": version} of the source's definitions, without those that are being removed; answers false, and notes nothing,
-- where they are others by now. The signature is frozen: two broker versions call it during an upgrade.
CREATE OR REPLACE FUNCTION paillette.hold_sequences_v1(feed_source text, known jsonb)
    RETURNS boolean
    LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    LOCK TABLE paillette.sequence IN SHARE ROW EXCLUSIVE MODE;
    IF known <> (SELECT coalesce(jsonb_object_agg(s.name, s.version), '{}')
                 FROM paillette.sequence s WHERE s.source = feed_source AND s.removal IS NULL) THEN
        RETURN false;
    END IF;
    UPDATE paillette.sequence s
    SET held_version = s.version, held_since = clock_timestamp(),
        held_offsets = (SELECT coalesce(jsonb_object_agg(p.index, p.next_offset), '{}')
                        FROM paillette.topic t JOIN paillette.partition p ON p.topic_id = t.id
                        WHERE t.name = s.topic)
    WHERE s.source = feed_source AND s.removal IS NULL AND s.held_version IS DISTINCT FROM s.version;
    RETURN true;
END
$$;
