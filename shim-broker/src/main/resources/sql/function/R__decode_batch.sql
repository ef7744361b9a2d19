-- decode_batch: the records of one record batch of magic 2 (KIP-98) from an offset on, at most so many.
--
-- It never fails on what is in a batch: what cannot be read is one row whose note says which offsets that are and why, so
-- that one odd batch does not hide the rest of its partition.

-- A zigzag varint, of any length up to ten bytes, and where it ends.
CREATE OR REPLACE FUNCTION paillette.record_varint(bytes bytea, start integer) RETURNS bigint[]
    LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE
    part   bigint;
    number bigint := 0;
    shift  integer := 0;
    at     integer := start;
BEGIN
    LOOP
        part := get_byte(bytes, at);
        at := at + 1;
        number := number | ((part & 127) << shift);
        EXIT WHEN part < 128;
        shift := shift + 7;
        IF shift > 63 THEN
            RAISE EXCEPTION 'a varint has more than ten bytes' USING ERRCODE = 'data_exception';
        END IF;
    END LOOP;
    RETURN ARRAY[((number >> 1) & 9223372036854775807) # -(number & 1), at];
END
$$;

-- The bytes of a key, a value or a header; none where Kafka has null.
CREATE OR REPLACE FUNCTION paillette.record_bytes(bytes bytea, start bigint, size bigint) RETURNS bytea
    LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
    IF size < 0 THEN
        RETURN NULL;
    ELSIF size > length(bytes) - start THEN
        RAISE EXCEPTION 'a record ends within a field of % bytes', size USING ERRCODE = 'data_exception';
    END IF;
    RETURN substring(bytes FROM start::integer + 1 FOR size::integer);
END
$$;

-- Null when the bytes are no text, or one that this database cannot hold: a zero byte is in no Postgres text.
CREATE OR REPLACE FUNCTION paillette.record_text(bytes bytea) RETURNS text
    LANGUAGE plpgsql STABLE STRICT AS $$
BEGIN
    RETURN convert_from(bytes, 'UTF8');
EXCEPTION WHEN character_not_in_repertoire OR untranslatable_character THEN
    RETURN NULL;
END
$$;

-- In their order and with duplicates. A value that is no text is in hex and says so.
CREATE OR REPLACE FUNCTION paillette.record_headers(record bytea, start bigint) RETURNS jsonb
    LANGUAGE plpgsql STABLE STRICT AS $$
DECLARE
    pair    bigint[] := paillette.record_varint(record, start::integer);
    headers jsonb[] := '{}';
    name    bytea;
    value   bytea;
    plain   text;
BEGIN
    FOR i IN 1 .. pair[1] LOOP
        pair := paillette.record_varint(record, pair[2]::integer);
        name := paillette.record_bytes(record, pair[2], pair[1]);
        pair := paillette.record_varint(record, (pair[2] + greatest(pair[1], 0))::integer);
        value := paillette.record_bytes(record, pair[2], pair[1]);
        pair[2] := pair[2] + greatest(pair[1], 0);
        plain := paillette.record_text(value);
        headers := array_append(headers,
            jsonb_build_object('key', coalesce(paillette.record_text(name), '\x' || encode(name, 'hex')),
                               'value', coalesce(plain, encode(value, 'hex')))
            || CASE WHEN plain IS NULL AND value IS NOT NULL THEN '{"encoding": "hex"}' ELSE '{}' END::jsonb);
    END LOOP;
    RETURN to_jsonb(headers);
END
$$;

-- Null for Kafka's -1, and for what lies outside of Postgres's calendar.
CREATE OR REPLACE FUNCTION paillette.record_timestamp(milliseconds bigint) RETURNS timestamptz
    LANGUAGE sql STABLE STRICT AS $$
    SELECT CASE WHEN milliseconds <> -1 AND milliseconds BETWEEN -210866803200000 AND 9224318015999000
        THEN to_timestamp(milliseconds / 1000.0) END
$$;

-- What the key of a control record says (Kafka's ControlRecordType).
CREATE OR REPLACE FUNCTION paillette.record_control(key bytea) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE
    type integer := paillette.coordinator_int(key, 2, 2);
BEGIN
    RETURN CASE type WHEN 0 THEN 'end of a transaction: abort' WHEN 1 THEN 'end of a transaction: commit'
                     ELSE 'control record of type ' || type END;
END
$$;

CREATE OR REPLACE FUNCTION paillette.batch_compression(attributes integer) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT coalesce((ARRAY['none', 'gzip', 'snappy', 'lz4', 'zstd'])[(attributes & 7) + 1], 'codec ' || (attributes & 7))
$$;

CREATE OR REPLACE FUNCTION paillette.decode_batch(body bytea, from_offset bigint DEFAULT 0, at_most bigint DEFAULT NULL)
    RETURNS TABLE ("offset" bigint, "timestamp" timestamptz, key bytea, value bytea, headers jsonb, note text)
    LANGUAGE plpgsql STABLE AS $$
DECLARE
    base_offset    bigint;
    last_offset    bigint;
    base_timestamp bigint;
    append_time    bigint; -- of all records, where the broker sets it
    milliseconds   bigint;
    is_control     boolean;
    records        bytea;
    record         bytea;
    at             bigint := 0;
    pair           bigint[];
    unread         bigint; -- the first offset that may not be answered yet
    answered       bigint := 0;
BEGIN
    -- Once and for all: every look at a byte of a toasted value would fetch the whole of it.
    body := body || ''::bytea;
    base_offset := paillette.coordinator_int(body, 0, 8);
    last_offset := base_offset + paillette.coordinator_int(body, 23, 4);
    base_timestamp := paillette.coordinator_int(body, 27, 8);
    IF get_byte(body, 22) & 8 <> 0 THEN
        append_time := paillette.coordinator_int(body, 35, 8);
    END IF;
    is_control := get_byte(body, 22) & 32 <> 0;
    unread := greatest(base_offset, from_offset);
    records := paillette.unpack_records(substring(body FROM 62), paillette.batch_compression(get_byte(body, 22)));
    FOR i IN 1 .. paillette.coordinator_int(body, 57, 4) LOOP
        EXIT WHEN answered >= at_most;
        pair := paillette.record_varint(records, at::integer);
        at := pair[2];
        record := paillette.record_bytes(records, at, greatest(pair[1], 0));
        at := at + length(record);
        pair := paillette.record_varint(record, 1); -- byte 0 is of no use yet
        milliseconds := coalesce(append_time, base_timestamp + pair[1]);
        pair := paillette.record_varint(record, pair[2]::integer);
        "offset" := base_offset + pair[1];
        CONTINUE WHEN "offset" < from_offset;
        pair := paillette.record_varint(record, pair[2]::integer);
        key := paillette.record_bytes(record, pair[2], pair[1]);
        pair := paillette.record_varint(record, (pair[2] + greatest(pair[1], 0))::integer);
        value := paillette.record_bytes(record, pair[2], pair[1]);
        headers := paillette.record_headers(record, pair[2] + greatest(pair[1], 0));
        "timestamp" := paillette.record_timestamp(milliseconds);
        note := CASE WHEN is_control THEN paillette.record_control(key)
                     WHEN "timestamp" IS NULL AND milliseconds <> -1 THEN 'timestamp ' || milliseconds || ' is no date' END;
        unread := "offset" + 1;
        answered := answered + 1;
        RETURN NEXT;
    END LOOP;
EXCEPTION WHEN data_exception OR feature_not_supported OR program_limit_exceeded THEN
    "offset" := unread;
    "timestamp" := NULL;
    key := NULL;
    value := NULL;
    headers := NULL;
    note := format('offsets %s to %s: %s', unread, last_offset, SQLERRM)
         || CASE WHEN SQLSTATE = '0A000' THEN '; read them with a Kafka consumer' ELSE '' END;
    RETURN NEXT;
END
$$;
