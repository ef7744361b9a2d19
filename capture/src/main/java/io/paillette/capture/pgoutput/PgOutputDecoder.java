package io.paillette.capture.pgoutput;

import io.paillette.capture.Lsn;
import io.paillette.capture.Relation.ReplicaIdentity;
import io.paillette.capture.Tuple;
import io.paillette.capture.pgoutput.WalSink.RelationColumn;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/**
 * Turns pgoutput messages of protocol version 1, text format, into calls of a {@link WalSink}. Nothing is skipped: what it
 * does not know is an error. Source: Postgres docs, "Logical Replication Message Formats".
 *
 * <p>A sink is called only after its whole message was read, so a malformed one leaves no half-done change behind. As
 * thread-safe as the sink is.
 */
public final class PgOutputDecoder {

    private static final Instant POSTGRES_EPOCH = Instant.parse("2000-01-01T00:00:00Z");

    private final WalSink sink;

    public PgOutputDecoder(WalSink sink) {
        this.sink = sink;
    }

    /**
     * Decodes the one message between position and limit, without moving them.
     *
     * @throws MalformedMessageException when it is not exactly one message of protocol version 1
     */
    public void decode(ByteBuffer message) {
        if (message.hasArray()) {
            decode(message.array(), message.arrayOffset() + message.position(), message.remaining());
        } else {
            byte[] copy = new byte[message.remaining()];
            message.duplicate().get(copy);
            decode(copy, 0, copy.length);
        }
    }

    /**
     * Decodes the one message in {@code length} bytes from {@code offset}. Values are copied out: the array may be reused.
     *
     * @throws MalformedMessageException when it is not exactly one message of protocol version 1
     */
    public void decode(byte[] bytes, int offset, int length) {
        var in = new MessageReader(bytes, offset, length);
        byte kind = in.int8();
        switch (kind) {
            case 'I' -> insert(in);
            case 'U' -> update(in);
            case 'D' -> delete(in);
            case 'B' -> begin(in);
            case 'C' -> commit(in);
            case 'R' -> relation(in);
            case 'Y' -> type(in);
            case 'T' -> truncate(in);
            case 'O' -> origin(in);
            case 'M' -> message(in);
            case 'A' -> streamAbort(in);
            default -> throw in.malformed("kind " + MessageReader.name(kind) + " is not in protocol version 1");
        }
    }

    private void begin(MessageReader in) {
        Lsn commitLsn = new Lsn(in.int64());
        Instant committed = instant(in.int64());
        long xid = Integer.toUnsignedLong(in.int32());
        in.end();
        sink.begin(commitLsn, committed, xid);
    }

    private void commit(MessageReader in) {
        byte flags = in.int8();
        if (flags != 0) {
            throw in.malformed("unknown commit flags " + flags);
        }
        Lsn commitLsn = new Lsn(in.int64());
        Lsn endLsn = new Lsn(in.int64());
        Instant committed = instant(in.int64());
        in.end();
        sink.commit(commitLsn, endLsn, committed);
    }

    private void relation(MessageReader in) {
        int oid = in.int32();
        String schema = schema(in);
        String table = in.string();
        ReplicaIdentity identity = identity(in);
        int count = in.plausible(in.int16(), 10, "columns");
        List<RelationColumn> columns = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            boolean key = (in.int8() & 1) != 0;
            String name = in.string();
            columns.add(new RelationColumn(name, key, in.int32(), in.int32()));
        }
        in.end();
        sink.relation(oid, schema, table, identity, columns);
    }

    private void type(MessageReader in) {
        int oid = in.int32();
        String schema = schema(in);
        String name = in.string();
        in.end();
        sink.type(oid, schema, name);
    }

    private void insert(MessageReader in) {
        int relation = in.int32();
        expectNew(in, in.int8());
        Tuple after = tuple(in);
        in.end();
        sink.insert(relation, after);
    }

    private void update(MessageReader in) {
        int relation = in.int32();
        byte part = in.int8();
        boolean keyOnly = part == 'K';
        Tuple before = null;
        if (keyOnly || part == 'O') {
            before = tuple(in);
            part = in.int8();
        }
        expectNew(in, part);
        Tuple after = tuple(in);
        in.end();
        sink.update(relation, before, keyOnly, after);
    }

    private void delete(MessageReader in) {
        int relation = in.int32();
        byte part = in.int8();
        if (part != 'K' && part != 'O') {
            throw in.malformed("expected an old row ('K' or 'O'), found " + MessageReader.name(part));
        }
        Tuple before = tuple(in);
        in.end();
        sink.delete(relation, before, part == 'K');
    }

    private void truncate(MessageReader in) {
        int count = in.int32();
        int options = in.int8();
        if ((options & ~3) != 0) {
            throw in.malformed("unknown truncate options " + options);
        }
        in.plausible(count, Integer.BYTES, "tables");
        List<Integer> relations = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            relations.add(in.int32());
        }
        in.end();
        sink.truncate(relations, (options & 1) != 0, (options & 2) != 0);
    }

    private void origin(MessageReader in) {
        Lsn commitLsn = new Lsn(in.int64());
        String name = in.string();
        in.end();
        sink.origin(commitLsn, name);
    }

    /**
     * Postgres 18 sends this of parts of a large transaction that was rolled back, though nothing was ever streamed: what it
     * takes back was not told.
     */
    private static void streamAbort(MessageReader in) {
        in.int32();
        in.int32();
        in.end();
    }

    private void message(MessageReader in) {
        byte flags = in.int8();
        if ((flags & ~1) != 0) {
            throw in.malformed("unknown message flags " + flags);
        }
        Lsn lsn = new Lsn(in.int64());
        String prefix = in.string();
        byte[] content = in.counted();
        in.end();
        sink.message(flags == 1, lsn, prefix, content);
    }

    private static void expectNew(MessageReader in, byte part) {
        if (part != 'N') {
            throw in.malformed("expected a new row ('N'), found " + MessageReader.name(part));
        }
    }

    private static Tuple tuple(MessageReader in) {
        int count = in.plausible(in.int16(), 1, "columns");
        byte[][] values = new byte[count][];
        for (int i = 0; i < count; i++) {
            byte kind = in.int8();
            switch (kind) {
                case 't' -> values[i] = in.counted();
                case 'n' -> {}
                case 'u' -> values[i] = Tuple.unchanged();
                case 'b' ->
                    throw in.malformed("column " + (i + 1)
                            + " is in binary format; start replication without the option binary 'true'");
                default -> throw in.malformed("column " + (i + 1) + " has unknown kind " + MessageReader.name(kind));
            }
        }
        return new Tuple(values);
    }

    /** The protocol sends an empty name for pg_catalog. */
    private static String schema(MessageReader in) {
        String name = in.string();
        return name.isEmpty() ? "pg_catalog" : name;
    }

    private static ReplicaIdentity identity(MessageReader in) {
        byte letter = in.int8();
        return switch (letter) {
            case 'd' -> ReplicaIdentity.DEFAULT;
            case 'n' -> ReplicaIdentity.NOTHING;
            case 'f' -> ReplicaIdentity.FULL;
            case 'i' -> ReplicaIdentity.INDEX;
            default -> throw in.malformed("unknown replica identity " + MessageReader.name(letter));
        };
    }

    private static Instant instant(long postgresMicros) {
        return POSTGRES_EPOCH.plus(postgresMicros, ChronoUnit.MICROS);
    }
}
