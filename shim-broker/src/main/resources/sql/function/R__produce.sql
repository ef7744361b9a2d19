-- produce: publishes a record in the application's own transaction (docs/exactly-once.md).
--
-- Consumers see it if and only if the transaction commits, then at once. Records of a partition are in the order of the calls;
-- of two transactions at the same time, the one that commits first may be first. Without a partition the key says which, as
-- Kafka's own producer decides it; what has no key goes where the rest of the transaction without key goes.
-- headers is an object: texts as they are, null as null, anything else as JSON text.
-- A record that the topic cannot take is refused here, where the application can do something about it.

-- As Kafka's producer hashes keys (org.apache.kafka.common.utils.Utils.murmur2); answers the positive part.
CREATE OR REPLACE FUNCTION paillette.murmur2(data bytea) RETURNS integer
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    mask   CONSTANT bigint := 4294967295;
    factor CONSTANT bigint := 1540483477;
    size   integer := octet_length(data);
    hash   bigint  := (2538058380 # size) & mask;
    word   bigint;
    i      integer := 0;
BEGIN
    WHILE i + 4 <= size LOOP
        word := get_byte(data, i) | (get_byte(data, i + 1) << 8) | (get_byte(data, i + 2) << 16)
             | (get_byte(data, i + 3)::bigint << 24);
        word := (word * factor) & mask;
        word := ((word # (word >> 24)) * factor) & mask;
        hash := ((hash * factor) & mask) # word;
        i := i + 4;
    END LOOP;
    IF i < size THEN
        FOR left_over IN REVERSE size - 1 .. i LOOP
            hash := hash # (get_byte(data, left_over)::bigint << 8 * (left_over - i));
        END LOOP;
        hash := (hash * factor) & mask;
    END IF;
    hash := ((hash # (hash >> 13)) * factor) & mask;
    RETURN (hash # (hash >> 15)) & 2147483647;
END
$$;

CREATE OR REPLACE FUNCTION paillette.produce(
    topic text, key bytea, value bytea, headers jsonb DEFAULT NULL, partition integer DEFAULT NULL)
    RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER -- an application needs USAGE of the schema, and none of its tables
    SET search_path = pg_catalog, pg_temp
    AS $$
#variable_conflict use_column
DECLARE
    -- Before the record gets its number: who has a transaction id from later on knows that numbers up to then are taken.
    transaction_id bigint := txid_current();
    place    record;
    wanted   integer := produce.partition;
    names    text[]  := '{}';
    contents bytea[] := '{}';
    bytes    bigint  := 61 + 26 + coalesce(octet_length(key), 0)::bigint + coalesce(octet_length(value), 0); -- of a batch, at most
    most     bigint;
BEGIN
    -- One statement for all, and no function in SQL: those are planned anew in each transaction.
    SELECT t.id, t.source,
           (SELECT p.index FROM paillette.partition p WHERE p.topic_id = t.id ORDER BY p.index DESC LIMIT 1) AS last,
           (SELECT c.value FROM paillette.topic_config c WHERE c.topic_id = t.id AND c.name = 'cleanup.policy') AS policy,
           (SELECT c.value FROM paillette.topic_config c WHERE c.topic_id = t.id AND c.name = 'max.message.bytes') AS largest
    INTO place FROM paillette.topic t WHERE t.name = produce.topic;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'undefined_object', MESSAGE = paillette.no_such_partition(produce.topic, produce.partition),
            HINT = 'Create the topic first, as for any Kafka producer: kafka-topics.sh --create.';
    ELSIF place.source IS NOT NULL THEN
        RAISE EXCEPTION 'topic "%" is a sequence: its records are the changes of source "%"', produce.topic, place.source
            USING ERRCODE = 'insufficient_privilege', HINT = 'Publish to a topic of its own.';
    ELSIF wanted < 0 OR wanted > place.last THEN
        RAISE EXCEPTION USING ERRCODE = 'undefined_object', MESSAGE = paillette.no_such_partition(produce.topic, wanted);
    ELSIF key IS NULL AND place.policy LIKE '%compact%' THEN
        RAISE EXCEPTION 'topic "%" is compacted: a record needs a key', produce.topic USING ERRCODE = 'null_value_not_allowed';
    END IF;
    IF headers IS NOT NULL THEN
        IF jsonb_typeof(headers) <> 'object' THEN
            RAISE EXCEPTION 'headers must be an object, as {"name": "value"}, not %', jsonb_typeof(headers)
                USING ERRCODE = 'invalid_parameter_value';
        END IF;
        SELECT coalesce(array_agg(h.name ORDER BY h.ord), '{}'), coalesce(array_agg(convert_to(h.content, 'UTF8') ORDER BY h.ord), '{}'),
               bytes + coalesce(sum(10 + octet_length(convert_to(h.name, 'UTF8')) -- in a database of SQL_ASCII it may be anything
                                  + coalesce(octet_length(convert_to(h.content, 'UTF8')), 0)), 0)
        INTO names, contents, bytes FROM jsonb_each_text(headers) WITH ORDINALITY AS h (name, content, ord);
    END IF;
    -- No client of Kafka gets more than 100 MiB into one request (socket.request.max.bytes).
    most := least(coalesce(place.largest, '1048588')::bigint, 104857600);
    IF bytes > most THEN
        RAISE EXCEPTION 'the record takes up to % bytes, topic "%" takes % (max.message.bytes, at most 100 MiB)', bytes, produce.topic, most
            USING ERRCODE = 'program_limit_exceeded', HINT = 'Set the topic''s max.message.bytes, also when the broker''s own limit is larger.';
    END IF;
    wanted := coalesce(wanted, paillette.murmur2(key) % (place.last + 1), (transaction_id % (place.last + 1))::integer);

    SELECT p.id, coalesce(p.leader_broker, -1) AS leader INTO place
    FROM paillette.partition p WHERE p.topic_id = place.id AND p.index = wanted;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'topic "%" was deleted just now', produce.topic USING ERRCODE = 'undefined_object';
    END IF;
    INSERT INTO paillette.inbox (partition_id, created_at, bytes, key, value, header_names, header_values)
    VALUES (place.id, clock_timestamp(), bytes, produce.key, produce.value, names, contents);
    -- A leader that sleeps holds this lock; one that finds it taken by us does not go to sleep before we have ended. So only
    -- who meets a sleeper pays for a notification, which would make commits wait for each other (LISTEN/NOTIFY, "async.c").
    IF NOT pg_try_advisory_xact_lock_shared(paillette.inbox_lock(), place.leader) THEN
        PERFORM pg_notify('paillette_inbox_' || place.leader, '');
    END IF;
END
$$;

-- Who may look at the views may not write: applications are granted this one, and the other one with it.
REVOKE EXECUTE ON FUNCTION paillette.produce(text, bytea, bytea, jsonb, integer) FROM PUBLIC;

CREATE OR REPLACE FUNCTION paillette.produce(
    topic text, key text, value text, headers jsonb DEFAULT NULL, partition integer DEFAULT NULL)
    RETURNS void
    LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM paillette.produce(topic, convert_to(key, 'UTF8'), convert_to(value, 'UTF8'), headers, partition);
END
$$;

-- Until 0.1.0 was finished.
DROP FUNCTION IF EXISTS paillette.record_bytes(bytea, bytea, text[], bytea[]);
DROP FUNCTION IF EXISTS paillette.topic_setting(uuid, text, text);
