package io.paillette.capture.envelope;

import io.paillette.capture.Lsn;
import io.paillette.capture.Relation;
import io.paillette.capture.Tuple;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** What the {@code change} envelope tells a change apart by; the same in the broker's JSON and the connector's structs. */
public final class ChangeIds {

    private static final DateTimeFormatter MICROS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

    private final String source;

    /** @param source name of the source, so that ids of several are never the same */
    public ChangeIds(String source) {
        this.source = source;
    }

    /** As metadata has it. */
    public @Nullable String key(ChangeRecord change) {
        byte[] id = of(change);
        return id == null ? null : Base64.getEncoder().encodeToString(id);
    }

    /** Of a row that is read, which no commit is known of, where it was read. */
    public static Lsn commitLsn(ChangeRecord change) {
        return isRead(change) ? change.lsn() : change.transaction().commit();
    }

    /** ISO-8601 in UTC with all six digits, as {@code 2024-10-28T21:37:01.127470Z}. */
    public static String timestamp(Instant committed) {
        return MICROS.format(committed);
    }

    /**
     * The same whenever the record is told, and that of no other: from a change's place in the log, and which of its message's
     * records it is; of a row that is read from its key. Null for one that is read of a table without a key, as nothing tells
     * it from another.
     */
    byte @Nullable [] of(ChangeRecord change) {
        var id = new StringBuilder(64)
                .append(source)
                .append(':')
                .append(commitLsn(change).value());
        if (isRead(change)) {
            if (change.key() == null) {
                return null;
            }
            id.append(':').append(change.relation().name());
            appendKey(id, change.relation(), change.key());
        } else {
            id.append(':').append(change.ordinal());
            if (change.op() == Op.TRUNCATE) {
                id.append(':').append(change.relation().name());
            } else if (change.op() == Op.CREATE && change.link() != null) {
                id.append(":new");
            }
        }
        return id.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** Each part with its length, so that no two keys make the same text. */
    private static void appendKey(StringBuilder id, Relation relation, Tuple key) {
        for (int i : relation.key()) {
            byte[] told = relation.columns().get(i).told(key.value(i));
            if (told == null) {
                id.append(":-");
            } else {
                id.append(':').append(told.length).append(':').append(new String(told, StandardCharsets.UTF_8));
            }
        }
    }

    private static boolean isRead(ChangeRecord change) {
        return change.op() == Op.READ || change.op() == Op.READ_AGAIN;
    }
}
