package io.paillette.connect.transforms;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.paillette.function.Outcome;
import io.paillette.function.Outcome.Header;
import io.paillette.function.Outcome.Kept;
import io.paillette.function.Outcome.Routing;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Optional;
import org.apache.kafka.connect.connector.ConnectRecord;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.header.Headers;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/** A record as functions are told of it, and what they make of it as a record. */
final class Told {

    private static final int LONGEST_KEY = 200;

    private Told() {}

    /** The JSON that functions are called with. */
    static byte[] change(ConnectRecord<?> record) {
        try {
            return JsonText.write(CalledWith.of(value(record)).tree());
        } catch (RuntimeException e) {
            throw Untold.because("the value of the record of " + place(record) + " cannot be told to functions: ", e);
        }
    }

    private static @Nullable Object value(ConnectRecord<?> record) {
        String text = text(record.value());
        Optional<JsonText.Read> object = text == null ? Optional.empty() : JsonText.object(text);
        return object.isPresent() ? object.get().value() : PlainValue.of(record.valueSchema(), record.value());
    }

    /** Null: the value is no text. */
    private static @Nullable String text(@Nullable Object value) {
        if (value instanceof String text) {
            return text;
        }
        if (value instanceof byte[] bytes) {
            return text(ByteBuffer.wrap(bytes));
        }
        return value instanceof ByteBuffer bytes ? text(bytes) : null;
    }

    private static @Nullable String text(ByteBuffer bytes) {
        try {
            return UTF_8.newDecoder().decode(bytes.duplicate()).toString();
        } catch (CharacterCodingException e) {
            return null; // which is an answer
        }
    }

    static <R extends ConnectRecord<R>> R record(R record, byte[] change, Kept kept) {
        try {
            return made(record, change, kept);
        } catch (RuntimeException e) {
            throw Untold.because("what functions made of the record of " + place(record) + " is none for Connect: ", e);
        }
    }

    @SuppressWarnings("ReferenceEquality") // A value that transform has not made is the very array that was given.
    private static <R extends ConnectRecord<R>> R made(R record, byte[] change, Kept kept) {
        Routing to = kept.routing();
        String topic = to.topic().orElse(record.topic());
        Schema keySchema = record.keySchema();
        Object key = record.key();
        if (to.key().isPresent()) {
            Outcome.Key chosen = to.key().get();
            keySchema = chosen.isJson() ? null : Schema.STRING_SCHEMA;
            key = key(chosen);
        }
        byte[] made = kept.value();
        boolean asItWas = made == change;
        Object value = asItWas ? record.value() : value(record.value(), made);
        Schema schema = asItWas || (isText(record.value()) && value != null) ? record.valueSchema() : null;
        return record.newRecord(
                topic,
                partition(record, to),
                keySchema,
                key,
                schema,
                value,
                record.timestamp(),
                headers(record.headers(), to));
    }

    /** A record that has gone elsewhere is in the partition that its new key says; behind a topic, where it came from. */
    private static @Nullable Integer partition(ConnectRecord<?> record, Routing to) {
        if (to.partition().isPresent()) {
            return to.partition().getAsInt();
        }
        boolean elsewhere = to.topic().isPresent() || to.key().isPresent();
        return elsewhere && record instanceof SourceRecord ? null : record.kafkaPartition();
    }

    private static @Nullable Object key(Outcome.Key key) {
        byte[] bytes = key.bytes();
        if (bytes == null) {
            return null;
        }
        return key.isJson() ? JsonText.schemaless(bytes) : new String(bytes, UTF_8);
    }

    /** What was text or bytes stays so: what reads it expects that. A string is itself then, anything else its JSON. */
    private static @Nullable Object value(@Nullable Object was, byte @Nullable [] made) {
        if (made == null) {
            return null;
        }
        if (!isText(was)) {
            return JsonText.schemaless(made);
        }
        Object value = JsonText.schemaless(made);
        byte[] text = value instanceof String string ? string.getBytes(UTF_8) : made;
        if (was instanceof String) {
            return new String(text, UTF_8);
        }
        return was instanceof ByteBuffer ? ByteBuffer.wrap(text) : text;
    }

    private static boolean isText(@Nullable Object value) {
        return value instanceof String || value instanceof byte[] || value instanceof ByteBuffer;
    }

    private static Headers headers(Headers before, Routing to) {
        Headers headers = before.duplicate();
        for (Header header : to.headers()) {
            headers.remove(header.name());
            headers.add(header.name(), header.value(), Schema.OPTIONAL_STRING_SCHEMA);
        }
        return headers;
    }

    /** So that whoever reads it finds the record: Connect leaves values out of its log as well. */
    static String place(ConnectRecord<?> record) {
        String key = key(record.key());
        String of = record instanceof SinkRecord sink
                ? ", partition " + sink.originalKafkaPartition() + ", offset " + sink.originalKafkaOffset()
                : record instanceof SourceRecord source ? " at the source's offset " + source.sourceOffset() : "";
        return "topic " + record.topic() + of + " with the key "
                + (key.length() > LONGEST_KEY ? key.substring(0, LONGEST_KEY) + "..." : key);
    }

    private static String key(@Nullable Object key) {
        if (!(key instanceof byte[]) && !(key instanceof ByteBuffer)) {
            return String.valueOf(key);
        }
        String text = text(key);
        return text == null ? "(base64) " + PlainValue.of(null, key) : text;
    }
}
