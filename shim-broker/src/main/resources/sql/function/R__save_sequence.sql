-- save_sequence_v1: makes or changes the definition of a sequence, unless another definition has changed meanwhile.
--
-- known is {"name": version} of all definitions that the caller has checked it beside. Answers its new version; NULL where they
-- are others by now. The signature is frozen: two broker versions call it during an upgrade.
CREATE OR REPLACE FUNCTION paillette.save_sequence_v1(
    new_name text, new_source text, new_topic text, new_properties jsonb, who text, known jsonb)
    RETURNS bigint
    LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    new_version bigint;
BEGIN
    LOCK TABLE paillette.sequence IN SHARE ROW EXCLUSIVE MODE; -- what is checked is checked against all others
    IF known <> (SELECT coalesce(jsonb_object_agg(s.name, s.version), '{}') FROM paillette.sequence s) THEN
        RETURN NULL;
    END IF;
    INSERT INTO paillette.sequence AS s (name, source, topic, properties, version, changed_by)
    VALUES (new_name, new_source, new_topic, new_properties, nextval('paillette.sequence_version'), who)
    ON CONFLICT (name) DO UPDATE
    SET source = excluded.source, topic = excluded.topic, properties = excluded.properties, version = excluded.version,
        changed_by = excluded.changed_by, changed_at = clock_timestamp(), removal = NULL
    RETURNING s.version INTO new_version;
    RETURN new_version;
END
$$;
