package io.paillette.broker.cli.remote;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;

/**
 * A record as a line of JSON, written and read: a JSON object as such, anything else as text, and what is no text in base64 with a
 * field beside it that says so. Several headers of one name are a list.
 */
final class RecordLine {

    private static final String BASE64 = "base64";
    private static final String KEY = "key";
    private static final String VALUE = "value";
    private static final String HEADERS = "headers";
    private static final String ENCODING = "Encoding";
    private static final Set<String> FIELDS = Set.of(
            "topic",
            "partition",
            "offset",
            "timestamp",
            KEY,
            VALUE,
            HEADERS,
            KEY + ENCODING,
            VALUE + ENCODING,
            HEADERS + ENCODING);

    private RecordLine() {}

    static Map<String, @Nullable Object> of(ConsumerRecord<byte[], byte[]> record) {
        var object = new LinkedHashMap<String, @Nullable Object>();
        object.put("topic", record.topic());
        object.put("partition", record.partition());
        object.put("offset", record.offset());
        if (record.timestampType() != TimestampType.NO_TIMESTAMP_TYPE) {
            object.put("timestamp", Instant.ofEpochMilli(record.timestamp()).toString());
        }
        put(object, KEY, record.key());
        put(object, VALUE, record.value());
        boolean texts = true;
        for (Header header : record.headers()) {
            texts &= isText(header.value());
        }
        var headers = new LinkedHashMap<String, @Nullable Object>();
        for (Header header : record.headers()) {
            @Nullable Object value = texts ? json(header.value()) : base64(header.value());
            headers.merge(header.key(), listOf(value), RecordLine::joined);
        }
        headers.replaceAll((name, values) -> values instanceof List<?> list && list.size() == 1 ? list.get(0) : values);
        object.put(HEADERS, headers);
        if (!texts) {
            object.put(HEADERS + ENCODING, BASE64);
        }
        return object;
    }

    private static List<@Nullable Object> listOf(@Nullable Object value) {
        var list = new ArrayList<@Nullable Object>();
        list.add(value);
        return list;
    }

    private static Object joined(Object first, Object second) {
        var all = new ArrayList<@Nullable Object>((List<?>) first);
        all.addAll((List<?>) second);
        return all;
    }

    private static void put(Map<String, @Nullable Object> object, String name, byte @Nullable [] bytes) {
        boolean text = isText(bytes);
        object.put(name, text ? json(bytes) : base64(bytes));
        if (!text) {
            object.put(name + ENCODING, BASE64);
        }
    }

    private static boolean isText(byte @Nullable [] bytes) {
        if (bytes == null) {
            return true;
        }
        try {
            var unused = UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException e) {
            return false; // which is what was asked
        }
    }

    private static @Nullable Object json(byte @Nullable [] bytes) {
        if (bytes == null) {
            return null;
        }
        Object object = bytes.length == 0 || bytes[0] != '{' ? null : RecordJson.exactObject(bytes);
        return object == null ? new String(bytes, UTF_8) : object;
    }

    private static @Nullable String base64(byte @Nullable [] bytes) {
        return bytes == null ? null : Base64.getEncoder().encodeToString(bytes);
    }

    /** @throws RefusedException saying what is wrong with the line */
    static ProducerRecord<byte[], byte[]> read(String topic, byte[] line) throws RefusedException {
        JsonNode object = isText(line) ? RecordJson.exactObject(line) : null;
        if (object == null) {
            throw new RefusedException(
                    "this is no JSON object as ./paillette consume --json prints them: one on a line,"
                            + " and no name twice in it");
        }
        for (Map.Entry<String, JsonNode> field : object.properties()) {
            if (!FIELDS.contains(field.getKey())) {
                throw new RefusedException(
                        "a record has no field \"" + field.getKey()
                                + "\"; it has key, value, headers, timestamp, partition, and topic and offset, which do not count");
            }
        }
        var headers = new ArrayList<Header>();
        JsonNode given = object.path(HEADERS);
        if (!given.isMissingNode() && !given.isNull() && !given.isObject()) {
            throw new RefusedException("headers is " + given + ", and has to be an object: {\"name\": \"value\"}");
        }
        boolean inBase64 = inBase64(object, HEADERS);
        for (Map.Entry<String, JsonNode> header : given.properties()) {
            if (header.getValue().isArray()) {
                for (JsonNode value : header.getValue()) {
                    headers.add(new RecordHeader(header.getKey(), bytes(value, inBase64)));
                }
            } else {
                headers.add(new RecordHeader(header.getKey(), bytes(header.getValue(), inBase64)));
            }
        }
        return new ProducerRecord<>(
                topic,
                partition(object.path("partition")),
                timestamp(object.path("timestamp")),
                bytes(object.path(KEY), inBase64(object, KEY)),
                bytes(object.path(VALUE), inBase64(object, VALUE)),
                headers);
    }

    private static boolean inBase64(JsonNode object, String name) throws RefusedException {
        JsonNode encoding = object.path(name + ENCODING);
        if (encoding.isMissingNode() || encoding.isNull()) {
            return false;
        }
        if (!encoding.asText().equals(BASE64)) {
            throw new RefusedException(name + ENCODING + " is " + encoding + ", and can only be \"" + BASE64 + "\"");
        }
        return true;
    }

    private static byte @Nullable [] bytes(JsonNode value, boolean inBase64) throws RefusedException {
        if (value.isMissingNode() || value.isNull()) {
            return null;
        }
        if (inBase64) {
            try {
                return Base64.getDecoder().decode(value.asText());
            } catch (IllegalArgumentException e) {
                throw new RefusedException(value + " is no base64");
            }
        }
        return (value.isTextual() ? value.asText() : RecordJson.write(value)).getBytes(UTF_8);
    }

    private static @Nullable Integer partition(JsonNode value) throws RefusedException {
        if (value.isMissingNode() || value.isNull()) {
            return null;
        }
        if (!value.canConvertToInt() || value.asInt() < 0) {
            throw new RefusedException("partition is " + value + ", and has to be a number from 0");
        }
        return value.asInt();
    }

    private static @Nullable Long timestamp(JsonNode value) throws RefusedException {
        if (value.isMissingNode() || value.isNull()) {
            return null;
        }
        if (value.canConvertToLong() && value.asLong() >= 0) {
            return value.asLong();
        }
        try {
            long milliseconds = Instant.parse(value.asText()).toEpochMilli();
            if (milliseconds >= 0) {
                return milliseconds;
            }
        } catch (DateTimeException | ArithmeticException e) {
            // said below, as of one before 1970
        }
        throw new RefusedException("timestamp is " + value
                + ", and has to be a time (\"2026-11-27T10:00:00Z\") or milliseconds, since 1970");
    }
}
