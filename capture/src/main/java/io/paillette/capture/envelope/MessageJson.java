package io.paillette.capture.envelope;

import static io.paillette.capture.envelope.JsonBytes.ascii;

import io.paillette.capture.CaptureEvent.LogicalMessage;
import io.paillette.capture.type.BinaryHandling;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HexFormat;

/**
 * Writes logical messages as Debezium's PostgreSQL connector does with JsonConverter and {@code schemas.enable=false}. Source:
 * Debezium 3.7, {@code LogicalDecodingMessageMonitor}.
 *
 * <p>A message of no transaction has no commit time: its {@code source.ts_ms} is when it was read from the WAL. For one thread.
 */
public final class MessageJson {

    private static final byte[] NO_TABLE = SourceJson.schemaAndTable("", "");
    private static final byte[] PREFIX = ascii("{\"prefix\":");
    private static final byte[] START = ascii("{\"op\":\"m\",\"ts_ms\":");
    private static final byte[] SOURCE = ascii(",\"source\":");
    private static final byte[] MESSAGE = ascii(",\"message\":");
    private static final byte[] CONTENT = ascii(",\"content\":");

    private final BinaryHandling binaries;
    private final InstantSource clock;
    private final SourceJson source;
    private final JsonBytes out = new JsonBytes();

    /** As of {@link DebeziumJson}; {@code binaries} says how the content is written. */
    public MessageJson(String version, String name, String database, BinaryHandling binaries, InstantSource clock) {
        this.binaries = binaries;
        this.clock = clock;
        this.source = new SourceJson(version, name, database);
    }

    /** {@code {"prefix":"..."}}: messages of a prefix keep their order in a topic of several partitions. */
    public byte[] key(LogicalMessage message) {
        out.clear();
        return out.raw(PREFIX).string(message.prefix()).raw('}').toBytes();
    }

    public byte[] value(LogicalMessage message) {
        out.clear();
        out.raw(START).number(clock.instant().toEpochMilli()).raw(SOURCE);
        source.write(out, message.transaction(), message.lsn(), SnapshotMark.STREAMED, NO_TABLE);
        TransactionJson.block(
                out,
                message.transaction(),
                message.orders().isEmpty() ? null : message.orders().get(0));
        out.raw(MESSAGE).raw(PREFIX).string(message.prefix()).raw(CONTENT);
        content(message.content());
        return out.raw('}').raw('}').toBytes();
    }

    private void content(byte[] content) {
        switch (binaries) {
            case BYTES, BASE64 -> out.base64(content);
            case BASE64_URL_SAFE -> out.string(Base64.getUrlEncoder().encode(content));
            case HEX -> out.string(HexFormat.of().formatHex(content));
        }
    }
}
