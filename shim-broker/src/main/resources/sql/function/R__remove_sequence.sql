-- remove_sequence_v1: takes the definition of a sequence away, unless a definition has changed meanwhile (known as in
-- save_sequence_v1).
--
-- What was asked for it alone ends: one that is made anew under its name is another.
-- One whose source is fed stays, marked, until its feed has let go of it. Answers 'gone', 'marked', or 'changed'.
-- The signature is frozen: two broker versions call it during an upgrade.
CREATE OR REPLACE FUNCTION paillette.remove_sequence_v1(old_name text, delete_topic boolean, who text, known jsonb)
    RETURNS text
    LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    reason text := format('sequence %s was removed', old_name);
BEGIN
    LOCK TABLE paillette.sequence IN SHARE ROW EXCLUSIVE MODE;
    IF known <> (SELECT coalesce(jsonb_object_agg(s.name, s.version), '{}') FROM paillette.sequence s) THEN
        RETURN 'changed';
    END IF;
    UPDATE paillette.backfill b
    SET wish = 'cancel',
        cancelled_because = reason,
        state = CASE WHEN b.begun_at IS NULL THEN 'cancelled' ELSE b.state END,
        fault = CASE WHEN b.begun_at IS NULL THEN reason ELSE b.fault END,
        ended_at = CASE WHEN b.begun_at IS NULL THEN clock_timestamp() END
    WHERE b.sequence = old_name AND b.ended_at IS NULL AND b.wish <> 'cancel';
    -- Whoever takes the source over now asks hold_sequences_v1 before its first append, and finds that this one is gone.
    DELETE FROM paillette.sequence s
    WHERE s.name = old_name
      AND NOT EXISTS (SELECT FROM paillette.feed f WHERE f.source = s.source AND f.leader_broker IS NOT NULL);
    IF FOUND THEN
        RETURN 'gone';
    END IF;
    UPDATE paillette.sequence s
    SET removal = CASE WHEN delete_topic THEN 'delete_topic' ELSE 'keep_topic' END,
        version = nextval('paillette.sequence_version'), changed_by = who, changed_at = clock_timestamp()
    WHERE s.name = old_name;
    RETURN 'marked';
END
$$;
