package io.paillette.connect;

import io.paillette.capture.CaptureEvent.LogicalMessage;
import io.paillette.capture.type.BinaryHandling;
import io.paillette.struct.Change;
import io.paillette.struct.DebeziumEnvelope;
import io.paillette.struct.TransactionBlock;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.header.ConnectHeaders;

/** The records of logical messages, in topic {@code <prefix>.message} (Debezium 3.7: {@code LogicalDecodingMessageMonitor}). */
final class MessageStructs {

    private static final Schema KEY = SchemaBuilder.struct()
            .name("io.debezium.connector.postgresql.MessageKey")
            .version(1)
            .field("prefix", Schema.OPTIONAL_STRING_SCHEMA)
            .build();

    private final String topic;
    private final BinaryHandling binaries;
    private final DebeziumEnvelope envelope;
    private final Schema message;
    private final Schema value;

    MessageStructs(TopicNames topics, BinaryHandling binaries, DebeziumEnvelope envelope) {
        this.topic = topics.ofMessages();
        this.binaries = binaries;
        this.envelope = envelope;
        this.message = SchemaBuilder.struct()
                .name("io.debezium.connector.postgresql.Message")
                .version(1)
                .field("prefix", Schema.OPTIONAL_STRING_SCHEMA)
                .field(
                        "content",
                        binaries == BinaryHandling.BYTES ? Schema.OPTIONAL_BYTES_SCHEMA : Schema.OPTIONAL_STRING_SCHEMA)
                .build();
        this.value = SchemaBuilder.struct()
                .name("io.debezium.connector.postgresql.MessageValue")
                .version(1)
                .field("op", Schema.STRING_SCHEMA)
                .field("ts_ms", Schema.OPTIONAL_INT64_SCHEMA)
                .field("source", DebeziumEnvelope.SOURCE)
                .field("transaction", TransactionBlock.SCHEMA)
                .field("message", message)
                .build();
    }

    Change of(LogicalMessage emitted) {
        Struct content = new Struct(message).put("prefix", emitted.prefix()).put("content", content(emitted.content()));
        return new Change(
                topic,
                KEY,
                new Struct(KEY).put("prefix", emitted.prefix()),
                value,
                envelope.of(emitted, value, content),
                new ConnectHeaders());
    }

    private Object content(byte[] content) {
        return switch (binaries) {
            case BYTES -> content;
            case BASE64 -> new String(Base64.getEncoder().encode(content), StandardCharsets.US_ASCII);
            case BASE64_URL_SAFE -> new String(Base64.getUrlEncoder().encode(content), StandardCharsets.US_ASCII);
            case HEX -> HexFormat.of().formatHex(content);
        };
    }
}
