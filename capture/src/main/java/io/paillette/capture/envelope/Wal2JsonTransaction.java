package io.paillette.capture.envelope;

import static io.paillette.capture.envelope.JsonBytes.ascii;

import io.paillette.capture.TransactionInfo;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import org.jspecify.annotations.Nullable;

/** Writes xid and timestamp as wal2json does, both once for all changes of a transaction. For one thread. */
final class Wal2JsonTransaction {

    /** Of what belongs to no transaction. */
    static final byte[] NONE = ascii(",\"xid\":null,\"timestamp\":null");

    private static final byte[] XID = ascii(",\"xid\":");
    private static final byte[] TIMESTAMP = ascii(",\"timestamp\":");

    /** As Postgres itself prints one in UTC: no digits beyond the last that counts. */
    private static final DateTimeFormatter TEXT = new DateTimeFormatterBuilder()
            .appendPattern("uuuu-MM-dd HH:mm:ss")
            .appendFraction(ChronoField.MICRO_OF_SECOND, 0, 6, true)
            .appendLiteral("+00")
            .toFormatter()
            .withZone(ZoneOffset.UTC);

    private final JsonBytes text = new JsonBytes();

    /** What it was prepared for. */
    private @Nullable TransactionInfo transaction;

    static byte[] action(char letter) {
        return ascii("{\"action\":\"" + letter + "\"");
    }

    @SuppressWarnings(
            "ReferenceEquality") // The rows of a transaction share it; comparing it would cost more than it saves.
    void write(JsonBytes out, TransactionInfo of) {
        if (of != transaction) {
            transaction = of;
            text.clear();
            text.raw(XID);
            if (of.xid() == 0) {
                text.nil();
            } else {
                text.number(of.xid());
            }
            text.raw(TIMESTAMP).string(timestamp(of.committed()));
        }
        out.raw(text);
    }

    private static String timestamp(Instant committed) {
        return TEXT.format(committed);
    }
}
