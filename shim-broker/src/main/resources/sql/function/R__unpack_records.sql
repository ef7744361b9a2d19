-- unpack_records: the records of a batch as they were before compression, for lz4 and snappy.
--
-- Both formats are a list of literal bytes and of matches, which repeat what came out before; that can be had in PL/pgSQL.
-- gzip and zstd are coded bit by bit, which is a decoder of hundreds of lines and slow in PL/pgSQL: they are refused by name.
-- Formats: LZ4 frame and block (github.com/lz4/lz4/doc), Snappy block (google/snappy/format_description.txt), and the framing
-- of xerial's snappy-java, which Kafka's Java clients write; others write one bare block.
-- Whatever is wrong with the bytes is an error of class 22 (data exception). Checksums are not looked at, the broker has done
-- so. Batches that unpack to more than 64 MiB are refused: they would be whole in memory several times over.

-- The bytes that a match stands for. What has come out is given in two parts: growing a bytea copies all of it, so what is new
-- grows a short tail, which is moved to the long part now and then.
CREATE OR REPLACE FUNCTION paillette.unpack_match(done bytea, tail bytea, distance bigint, size bigint) RETURNS bytea
    LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE
    before bigint := distance - length(tail); -- so many of them are not in the tail
    piece  bytea;
BEGIN
    IF distance < 1 OR before > length(done) THEN
        RAISE EXCEPTION 'a match reaches back % bytes, before the first', distance USING ERRCODE = 'data_exception';
    ELSIF before > 0 THEN
        piece := substring(done FROM (length(done) - before + 1)::integer FOR least(before, size)::integer)
              || substring(tail FROM 1 FOR greatest(size - before, 0)::integer);
    ELSE
        piece := substring(tail FROM (1 - before)::integer FOR least(distance, size)::integer);
    END IF;
    WHILE length(piece) < size LOOP -- it repeats what it has just written, as in a run of one byte
        piece := piece || substring(piece FROM 1 FOR (size - length(piece))::integer);
    END LOOP;
    RETURN piece;
END
$$;

CREATE OR REPLACE FUNCTION paillette.unpack_joined(pieces bytea[]) RETURNS bytea
    LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT coalesce(string_agg(p.piece, ''::bytea ORDER BY p.number), ''::bytea)
    FROM unnest(pieces) WITH ORDINALITY AS p (piece, number)
$$;

-- Little-endian, unsigned.
CREATE OR REPLACE FUNCTION paillette.unpack_uint(bytes bytea, start integer, size integer) RETURNS bigint
    LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE
    number bigint := 0;
BEGIN
    FOR i IN REVERSE size - 1 .. 0 LOOP
        number := (number << 8) | get_byte(bytes, start + i);
    END LOOP;
    RETURN number;
END
$$;

CREATE OR REPLACE FUNCTION paillette.unpack_lz4_block(block bytea) RETURNS bytea
    LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE
    ends     integer := length(block);
    at       integer := 0;
    token    integer;
    more     integer;
    size     bigint;
    distance integer;
    done     bytea := '';
    tail     bytea := '';
BEGIN
    WHILE at < ends LOOP
        token := get_byte(block, at);
        at := at + 1;
        size := token >> 4;
        IF size = 15 THEN
            LOOP
                more := get_byte(block, at);
                at := at + 1;
                size := size + more;
                EXIT WHEN more < 255;
            END LOOP;
        END IF;
        IF at + size > ends THEN
            RAISE EXCEPTION 'an lz4 block ends within its literals' USING ERRCODE = 'data_exception';
        END IF;
        IF size > 0 THEN
            tail := tail || substring(block FROM at + 1 FOR size::integer);
            at := at + size;
        END IF;
        EXIT WHEN at = ends; -- the last sequence has no match
        distance := get_byte(block, at) | (get_byte(block, at + 1) << 8);
        at := at + 2;
        size := (token & 15) + 4;
        IF size = 19 THEN
            LOOP
                more := get_byte(block, at);
                at := at + 1;
                size := size + more;
                EXIT WHEN more < 255;
            END LOOP;
        END IF;
        IF length(done) + length(tail) + size > 4194304 THEN -- the largest that the format knows
            RAISE EXCEPTION 'an lz4 block unpacks to more than 4 MiB' USING ERRCODE = 'data_exception';
        END IF;
        tail := tail || paillette.unpack_match(done, tail, distance, size);
        IF length(tail) > 8192 THEN
            done := done || tail;
            tail := '';
        END IF;
    END LOOP;
    RETURN done || tail;
END
$$;

CREATE OR REPLACE FUNCTION paillette.unpack_lz4(frame bytea) RETURNS bytea
    LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE
    flags  integer;
    at     integer;
    size   bigint;
    block  bytea;
    pieces bytea[] := '{}';
    total  bigint := 0;
BEGIN
    IF paillette.unpack_uint(frame, 0, 4) <> 407708164 THEN -- 0x184D2204
        RAISE EXCEPTION 'it does not begin as an lz4 frame does' USING ERRCODE = 'data_exception';
    END IF;
    flags := get_byte(frame, 4);
    IF flags & 32 = 0 THEN -- Kafka's own readers refuse them too
        RAISE EXCEPTION 'its lz4 blocks depend on each other' USING ERRCODE = 'data_exception';
    END IF;
    at := 7 + CASE WHEN flags & 8 <> 0 THEN 8 ELSE 0 END + CASE WHEN flags & 1 <> 0 THEN 4 ELSE 0 END;
    LOOP
        size := paillette.unpack_uint(frame, at, 4);
        at := at + 4;
        EXIT WHEN size = 0;
        block := substring(frame FROM at + 1 FOR (size & 2147483647)::integer);
        IF length(block) < size & 2147483647 THEN
            RAISE EXCEPTION 'an lz4 frame ends within a block' USING ERRCODE = 'data_exception';
        END IF;
        at := at + length(block) + CASE WHEN flags & 16 <> 0 THEN 4 ELSE 0 END; -- with or without a checksum
        IF size < 2147483648 THEN -- otherwise it is stored as it is
            block := paillette.unpack_lz4_block(block);
        END IF;
        pieces := array_append(pieces, block);
        total := total + length(block);
        IF total > 67108864 THEN
            RAISE EXCEPTION 'it unpacks to more than 64 MiB' USING ERRCODE = 'data_exception';
        END IF;
    END LOOP;
    RETURN paillette.unpack_joined(pieces);
END
$$;

CREATE OR REPLACE FUNCTION paillette.unpack_snappy_block(block bytea) RETURNS bytea
    LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE
    ends     integer := length(block);
    at       integer := 0;
    shift    integer := 0;
    declared bigint := 0; -- how long it says that it unpacks
    tag      integer;
    width    integer;
    size     bigint;
    distance bigint;
    done     bytea := '';
    tail     bytea := '';
BEGIN
    LOOP
        declared := declared | ((get_byte(block, at) & 127)::bigint << shift);
        shift := shift + 7;
        at := at + 1;
        EXIT WHEN get_byte(block, at - 1) < 128 OR shift > 28;
    END LOOP;
    IF declared > 67108864 THEN
        RAISE EXCEPTION 'it unpacks to more than 64 MiB' USING ERRCODE = 'data_exception';
    END IF;
    WHILE at < ends LOOP
        tag := get_byte(block, at);
        at := at + 1;
        IF tag & 3 = 0 THEN
            size := (tag >> 2) + 1;
            IF size > 60 THEN -- its length follows, in 1 to 4 bytes
                width := size - 60;
                size := paillette.unpack_uint(block, at, width) + 1;
                at := at + width;
            END IF;
            IF at + size > ends THEN
                RAISE EXCEPTION 'a snappy block ends within its literals' USING ERRCODE = 'data_exception';
            END IF;
            tail := tail || substring(block FROM at + 1 FOR size::integer);
            at := at + size;
        ELSE
            IF tag & 3 = 1 THEN
                size := ((tag >> 2) & 7) + 4;
                distance := ((tag >> 5) << 8) | get_byte(block, at);
                at := at + 1;
            ELSE
                size := (tag >> 2) + 1;
                width := CASE WHEN tag & 3 = 2 THEN 2 ELSE 4 END;
                distance := paillette.unpack_uint(block, at, width);
                at := at + width;
            END IF;
            tail := tail || paillette.unpack_match(done, tail, distance, size);
        END IF;
        IF length(done) + length(tail) > declared THEN
            RAISE EXCEPTION 'a snappy block is longer than it says' USING ERRCODE = 'data_exception';
        ELSIF length(tail) > greatest(8192, length(done) / 256) THEN -- a block may be as long as its batch
            done := done || tail;
            tail := '';
        END IF;
    END LOOP;
    IF length(done) + length(tail) < declared THEN
        RAISE EXCEPTION 'a snappy block is shorter than it says' USING ERRCODE = 'data_exception';
    END IF;
    RETURN done || tail;
END
$$;

CREATE OR REPLACE FUNCTION paillette.unpack_snappy(stream bytea) RETURNS bytea
    LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE
    ends   integer := length(stream);
    at     integer := 16; -- after the name and two versions
    size   bigint;
    block  bytea;
    pieces bytea[] := '{}';
    total  bigint := 0;
BEGIN
    IF substring(stream FROM 1 FOR 8) <> '\x82534e4150505900'::bytea THEN -- 0x82, SNAPPY, 0
        RETURN paillette.unpack_snappy_block(stream);
    END IF;
    WHILE at < ends LOOP
        size := paillette.coordinator_int(stream, at, 4);
        block := substring(stream FROM at + 5 FOR greatest(size, 0)::integer);
        IF length(block) <> size THEN
            RAISE EXCEPTION 'a snappy stream ends within a block' USING ERRCODE = 'data_exception';
        END IF;
        at := at + 4 + size;
        block := paillette.unpack_snappy_block(block);
        pieces := array_append(pieces, block);
        total := total + length(block);
        IF total > 67108864 THEN
            RAISE EXCEPTION 'it unpacks to more than 64 MiB' USING ERRCODE = 'data_exception';
        END IF;
    END LOOP;
    RETURN paillette.unpack_joined(pieces);
END
$$;

CREATE OR REPLACE FUNCTION paillette.unpack_records(packed bytea, compression text) RETURNS bytea
    LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
    packed := packed || ''::bytea; -- a toasted value would be fetched anew for every look at a byte
    IF compression = 'none' THEN
        RETURN packed;
    ELSIF compression = 'lz4' THEN
        RETURN paillette.unpack_lz4(packed);
    ELSIF compression = 'snappy' THEN
        RETURN paillette.unpack_snappy(packed);
    END IF;
    RAISE EXCEPTION '% cannot be unpacked in SQL', compression USING ERRCODE = 'feature_not_supported';
END
$$;
