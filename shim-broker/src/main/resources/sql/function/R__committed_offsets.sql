-- What people read of groups: paillette.committed_offsets and paillette.consumer_groups.
--
-- Records stay exactly as Kafka serialises them, so committing costs nothing more; these functions decode them when somebody
-- looks. Formats: OffsetCommitKey v0/v1 and OffsetCommitValue v0..v4 of Apache Kafka's group-coordinator messages. Every key
-- starts with its record type (int16) and the group id (int16 length, UTF-8).

CREATE OR REPLACE FUNCTION paillette.coordinator_int(bytes bytea, start integer, size integer) RETURNS bigint
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    -- Padded with the sign bit, because a bit string is read as unsigned unless it fills the type.
    SELECT ('x' || repeat(CASE WHEN get_byte(bytes, start) > 127 THEN 'ff' ELSE '00' END, 8 - size)
                || encode(substring(bytes FROM start + 1 FOR size), 'hex'))::bit(64)::bigint
$$;

CREATE OR REPLACE FUNCTION paillette.coordinator_text(bytes bytea, start integer, size integer) RETURNS text
    LANGUAGE sql STABLE STRICT PARALLEL SAFE AS $$
    -- A zero byte cannot be in a text: such a name is shown escaped, so that one odd client cannot break the view.
    SELECT CASE WHEN position('\x00'::bytea IN substring(bytes FROM start + 1 FOR size)) > 0
        THEN encode(substring(bytes FROM start + 1 FOR size), 'escape')
        ELSE convert_from(substring(bytes FROM start + 1 FOR size), 'UTF8') END
$$;

CREATE OR REPLACE FUNCTION paillette.read_offset_key(
    key bytea, OUT group_id text, OUT topic text, OUT partition integer)
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE AS $$
DECLARE
    group_size integer := paillette.coordinator_int(key, 2, 2);
    topic_size integer := paillette.coordinator_int(key, 4 + group_size, 2);
BEGIN
    group_id := paillette.coordinator_text(key, 4, group_size);
    topic := paillette.coordinator_text(key, 6 + group_size, topic_size);
    partition := paillette.coordinator_int(key, 6 + group_size + topic_size, 4);
END
$$;

CREATE OR REPLACE FUNCTION paillette.read_offset_value(
    value bytea, OUT committed_offset bigint, OUT leader_epoch integer, OUT metadata text, OUT committed_at timestamptz)
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE AS $$
DECLARE
    version integer := paillette.coordinator_int(value, 0, 2);
    at      integer := 10;
    size    integer;
    shift   integer := 0;
BEGIN
    committed_offset := paillette.coordinator_int(value, 2, 8);
    leader_epoch := -1;
    IF version >= 3 THEN
        leader_epoch := paillette.coordinator_int(value, at, 4);
        at := at + 4;
    END IF;
    IF version >= 4 THEN
        size := -1; -- compact strings carry their length + 1, as an unsigned varint
        LOOP
            size := size + ((get_byte(value, at) & 127) << shift);
            shift := shift + 7;
            at := at + 1;
            EXIT WHEN get_byte(value, at - 1) < 128;
        END LOOP;
    ELSE
        size := paillette.coordinator_int(value, at, 2);
        at := at + 2;
    END IF;
    metadata := paillette.coordinator_text(value, at, size);
    committed_at := to_timestamp(paillette.coordinator_int(value, at + size, 8) / 1000.0);
END
$$;

-- Which topic the offset is of, however often the name was given away since: the one tagged field that version 4 ends with.
CREATE OR REPLACE FUNCTION paillette.offset_topic_id(value bytea) RETURNS uuid
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT CASE WHEN get_byte(value, 1) = 4 AND substring(value FROM octet_length(value) - 18 FOR 3) = '\x010010'::bytea
        THEN encode(substring(value FROM octet_length(value) - 15), 'hex')::uuid END
$$;

CREATE OR REPLACE VIEW paillette.committed_offsets AS
SELECT c.group_id, c.topic, c.partition, c.committed_offset, c.leader_epoch, c.metadata, c.committed_at, c.shard, c.state_offset,
       e.next_offset AS log_end_offset, e.next_offset - c.committed_offset AS lag
FROM (
    -- What was committed by SQL goes before what the coordinator had written by then.
    SELECT DISTINCT ON (a.group_id, a.topic, a.partition) a.*
    FROM (
        SELECT k.group_id, k.topic, k.partition, v.committed_offset, v.leader_epoch, v.metadata, v.committed_at, s.shard,
               s.state_offset, paillette.offset_topic_id(s.value) AS topic_id, false AS by_sql
        FROM paillette.coordinator_state s
            CROSS JOIN LATERAL paillette.read_offset_key(s.key) k
            CROSS JOIN LATERAL paillette.read_offset_value(s.value) v
        WHERE s.key < '\x0002'::bytea -- a range: of that the planner knows how many there are
        UNION ALL
        SELECT o.group_id, t.name, o.partition, o.committed_offset, -1, o.metadata, o.committed_at,
               paillette.shard_of_group(o.group_id), o.state_offset, o.topic_id, true
        FROM paillette.sql_offset o
        JOIN paillette.topic t ON t.id = o.topic_id) AS a
    ORDER BY a.group_id, a.topic, a.partition, a.state_offset DESC, a.by_sql) AS c
LEFT JOIN (
    SELECT t.id, t.name, p.index, p.next_offset
    FROM paillette.topic t JOIN paillette.partition p ON p.topic_id = t.id) AS e
    ON e.name = c.topic AND e.index = c.partition AND e.id = coalesce(c.topic_id, e.id);

-- A group's lag is that of all partitions where it has committed, those that are gone left out; null if none is left.
CREATE OR REPLACE VIEW paillette.consumer_groups AS
SELECT r.group_id,
    CASE WHEN bool_or(r.record = 3) THEN 'consumer'
         WHEN bool_or(r.record = 2) THEN 'classic'
         WHEN bool_or(r.record = 11) THEN 'share'
         WHEN bool_or(r.record = 17) THEN 'streams'
         ELSE 'offsets only' END AS protocol,
    count(*) FILTER (WHERE r.record IN (0, 1)) AS partitions,
    r.shard,
    sum(r.lag)::bigint AS lag
FROM (SELECT s.shard, paillette.coordinator_int(s.key, 0, 2) AS record,
             paillette.coordinator_text(s.key, 4, paillette.coordinator_int(s.key, 2, 2)::integer) AS group_id, NULL::bigint AS lag
      FROM paillette.coordinator_state s
      WHERE s.key >= '\x0002'::bytea
      UNION ALL
      SELECT c.shard, 1, c.group_id, c.lag FROM paillette.committed_offsets c) r
GROUP BY r.group_id, r.shard;
