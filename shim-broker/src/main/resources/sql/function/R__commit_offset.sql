-- commit_offset: commits a group's offset in the application's own transaction (docs/exactly-once.md).
--
-- Called beside the effects of the records below the offset, it is committed with them or not at all. Name the member and its
-- epoch (KIP-848) or generation, as the consumer's groupMetadata() tells them: then a member that has been replaced is refused,
-- and whoever replaces it is told the partition's offset only when this transaction has ended. That needs READ COMMITTED, where
-- every statement sees what was committed before it: the look at the member must not be older than the lock.

DROP FUNCTION IF EXISTS paillette.group_lock(text);

CREATE OR REPLACE FUNCTION paillette.offset_lock(group_id text, topic_id uuid, partition integer) RETURNS bigint
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT hashtextextended('paillette offset ' || topic_id || ' ' || partition || ' ' || group_id, 0)
$$;

-- As Kafka finds it: Java's hash of the name, which counts UTF-16 units, over the number of shards.
CREATE OR REPLACE FUNCTION paillette.shard_of_group(group_id text) RETURNS integer
    LANGUAGE plpgsql STABLE STRICT AS $$
DECLARE
    hash  bigint := 0;
    code  integer;
    count integer;
BEGIN
    FOR i IN 1 .. char_length(group_id) LOOP
        code := ascii(substr(group_id, i, 1));
        IF code > 65535 THEN
            hash := (hash * 31 + 55232 + (code >> 10)) & 4294967295;
            code := 56320 + (code & 1023);
        END IF;
        hash := (hash * 31 + code) & 4294967295;
    END LOOP;
    IF hash > 2147483647 THEN
        hash := 4294967296 - hash;
    END IF;
    SELECT count(*) INTO count FROM paillette.coordinator_shard;
    RETURN CASE WHEN hash = 2147483648 THEN 0 ELSE hash % count END;
END
$$;

-- The key of a coordinator's record: its type, then names, each with its length.
CREATE OR REPLACE FUNCTION paillette.coordinator_key(record integer, VARIADIC names text[]) RETURNS bytea
    LANGUAGE sql STABLE STRICT AS $$
    SELECT int2send(record::smallint)
        || string_agg(int2send(octet_length(convert_to(n.name, 'UTF8'))::smallint) || convert_to(n.name, 'UTF8'), ''::bytea ORDER BY n.ord)
    FROM unnest(names) WITH ORDINALITY AS n (name, ord)
$$;

CREATE OR REPLACE FUNCTION paillette.coordinator_value(of_shard integer, of_key bytea) RETURNS bytea
    LANGUAGE sql VOLATILE STRICT AS $$
    SELECT s.value FROM paillette.coordinator_state s WHERE s.shard = of_shard AND sha256(s.key) = sha256(of_key)
$$;

-- Generation and members of a classic group: GroupMetadataValue v0 to v3 of Apache Kafka.
CREATE OR REPLACE FUNCTION paillette.read_classic_group(value bytea, OUT generation integer, OUT members text[])
    LANGUAGE plpgsql STABLE STRICT AS $$
DECLARE
    version integer := paillette.coordinator_int(value, 0, 2);
    at      integer := 2;
    count   integer;
BEGIN
    IF version > 3 THEN
        RAISE EXCEPTION 'group metadata of version % is not known here', version USING ERRCODE = 'feature_not_supported';
    END IF;
    at := at + 2 + paillette.coordinator_int(value, at, 2)::integer; -- protocol type
    generation := paillette.coordinator_int(value, at, 4);
    at := at + 4;
    FOR i IN 1 .. 2 LOOP -- protocol, leader: null is -1
        at := at + 2 + greatest(paillette.coordinator_int(value, at, 2)::integer, 0);
    END LOOP;
    IF version >= 2 THEN
        at := at + 8; -- timestamp of the state
    END IF;
    count := paillette.coordinator_int(value, at, 4);
    at := at + 4;
    members := '{}';
    FOR i IN 1 .. count LOOP
        members := members || paillette.coordinator_text(value, at + 2, paillette.coordinator_int(value, at, 2)::integer);
        at := at + 2 + paillette.coordinator_int(value, at, 2)::integer;
        FOR skipped IN 1 .. CASE WHEN version >= 3 THEN 3 ELSE 2 END LOOP -- instance id, client id, host
            at := at + 2 + greatest(paillette.coordinator_int(value, at, 2)::integer, 0);
        END LOOP;
        at := at + CASE WHEN version >= 1 THEN 8 ELSE 4 END; -- timeouts
        FOR skipped IN 1 .. 2 LOOP -- subscription, assignment
            at := at + 4 + paillette.coordinator_int(value, at, 4)::integer;
        END LOOP;
    END LOOP;
END
$$;

CREATE OR REPLACE FUNCTION paillette.refuse_fenced(group_id text, of_shard integer, member text, epoch integer) RETURNS void
    LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    value      bytea := paillette.coordinator_value(of_shard, paillette.coordinator_key(8, group_id, member));
    generation integer;
    members    text[];
BEGIN
    IF value IS NOT NULL THEN
        generation := paillette.coordinator_int(value, 2, 4);
        members := ARRAY[member];
    ELSE
        value := paillette.coordinator_value(of_shard, paillette.coordinator_key(2, group_id));
        SELECT c.generation, c.members INTO generation, members FROM paillette.read_classic_group(value) AS c;
    END IF;
    -- Consumer (3) and streams (17) groups: not looked into, so they are taken to have members as long as they are there.
    IF member IS NULL AND (cardinality(members) > 0
            OR paillette.coordinator_value(of_shard, paillette.coordinator_key(3, group_id)) IS NOT NULL
            OR paillette.coordinator_value(of_shard, paillette.coordinator_key(17, group_id)) IS NOT NULL) THEN
        RAISE EXCEPTION 'group "%" has members: say which of them commits', group_id
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Give the consumer''s member id and its generation.';
    ELSIF member IS NOT NULL AND NOT coalesce(member = ANY (members), false) THEN
        RAISE EXCEPTION 'group "%" has no member "%": it was replaced, or has left', group_id, member
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Roll back and poll again: the partitions are another member''s.';
    ELSIF member IS NOT NULL AND generation IS DISTINCT FROM epoch THEN
        RAISE EXCEPTION 'member "%" of group "%" commits for generation %, which is % now', member, group_id, epoch, generation
            USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Roll back and poll again: partitions may be another member''s.';
    END IF;
END
$$;

CREATE OR REPLACE FUNCTION paillette.commit_offset(
    "group" text, topic text, partition integer, "offset" bigint,
    member text DEFAULT NULL, epoch integer DEFAULT NULL, metadata text DEFAULT '')
    RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER -- an application needs USAGE of the schema, and none of its tables
    SET search_path = pg_catalog, pg_temp
    AS $$
#variable_conflict use_column
DECLARE
    known_topic uuid;
    own_shard   integer := paillette.shard_of_group("group");
    known_state bigint;
BEGIN
    IF "group" IS NULL OR "group" = '' OR "offset" IS NULL OR "offset" < 0 THEN
        RAISE EXCEPTION 'a group and an offset of 0 or more are needed, not "%" and %', "group", "offset"
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'commit_offset needs a transaction that is READ COMMITTED, not %', upper(current_setting('transaction_isolation'))
            USING ERRCODE = 'feature_not_supported',
                  HINT = 'An older snapshot could not see that the member was replaced meanwhile.';
    END IF;
    SELECT p.topic_id INTO known_topic
    FROM paillette.topic t JOIN paillette.partition p ON p.topic_id = t.id AND p.index = commit_offset.partition
    WHERE t.name = commit_offset.topic;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no partition % of a topic "%"', partition, topic USING ERRCODE = 'undefined_object';
    END IF;
    PERFORM pg_advisory_xact_lock(paillette.offset_lock("group", known_topic, commit_offset.partition));
    -- Before the member is looked at: what the group does between the two, as a rewind that fences it, is later than this.
    SELECT s.next_offset INTO STRICT known_state FROM paillette.coordinator_shard s WHERE s.shard = own_shard;
    PERFORM paillette.refuse_fenced("group", own_shard, member, epoch);
    INSERT INTO paillette.sql_offset AS o (group_id, topic_id, partition, committed_offset, metadata, committed_at, state_offset)
    VALUES ("group", known_topic, commit_offset.partition, "offset", coalesce(commit_offset.metadata, ''), clock_timestamp(), known_state)
    ON CONFLICT (md5(group_id), topic_id, partition) DO UPDATE
    SET committed_offset = excluded.committed_offset, metadata = excluded.metadata, committed_at = excluded.committed_at,
        state_offset = excluded.state_offset;
END
$$;

-- Who may look at the views may not write: applications are granted it.
REVOKE EXECUTE ON FUNCTION paillette.commit_offset(text, text, integer, bigint, text, integer, text) FROM PUBLIC;
