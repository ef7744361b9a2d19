package io.paillette.broker.log;

import io.paillette.testkit.PostgresServer.Database;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.sql.Types;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.StringJoiner;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.record.internal.Record;
import org.jspecify.annotations.Nullable;

/** What {@code paillette.records} answers, and the same of Kafka's own reader, in a form that can be compared. */
final class SqlRecords {

    private SqlRecords() {}

    /** Bytes in hex, long ones cut and hashed, so that a failure can be read. */
    record Row(
            long offset,
            @Nullable Long timestamp,
            @Nullable String key,
            @Nullable String value,
            @Nullable String headers,
            @Nullable String note) {

        static Row of(Record record) {
            return new Row(
                    record.offset(),
                    record.timestamp(),
                    hex(record.key()),
                    hex(record.value()),
                    json(record.headers()),
                    null);
        }
    }

    static List<Row> read(Database database, String topic, long from, @Nullable Integer limit) {
        try (Connection connection = database.connect()) {
            return read(connection, topic, from, limit);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    static List<Row> read(Connection connection, String topic, long from, @Nullable Integer limit) throws SQLException {
        var found = new ArrayList<Row>();
        try (var statement = connection.prepareStatement(
                "select \"offset\", \"timestamp\", key, value, headers, note from paillette.records(?, 0, ?, ?)")) {
            statement.setString(1, topic);
            statement.setLong(2, from);
            statement.setObject(3, limit, Types.INTEGER);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    Timestamp timestamp = rows.getTimestamp(2);
                    found.add(new Row(
                            rows.getLong(1),
                            timestamp == null ? null : timestamp.getTime(),
                            hex(rows.getBytes(3)),
                            hex(rows.getBytes(4)),
                            rows.getString(5),
                            rows.getString(6)));
                }
            }
        }
        return found;
    }

    /** As jsonb prints them: members by length of their names, then by name. Only for what needs no escapes. */
    private static String json(Header[] headers) {
        var all = new StringJoiner(", ", "[", "]");
        for (Header header : headers) {
            byte[] value = header.value();
            if (value == null) {
                all.add("{\"key\": \"" + header.key() + "\", \"value\": null}");
            } else if (isText(value)) {
                all.add("{\"key\": \"" + header.key() + "\", \"value\": \"" + new String(value, StandardCharsets.UTF_8)
                        + "\"}");
            } else {
                all.add("{\"key\": \"" + header.key() + "\", \"value\": \"" + hex(value)
                        + "\", \"encoding\": \"hex\"}");
            }
        }
        return all.toString();
    }

    private static boolean isText(byte[] bytes) {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            return text.indexOf('\0') < 0;
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    static @Nullable String hex(byte @Nullable [] bytes) {
        if (bytes == null || bytes.length <= 100) {
            return bytes == null ? null : HexFormat.of().formatHex(bytes);
        }
        return HexFormat.of().formatHex(bytes, 0, 100) + "... " + bytes.length + " bytes, hash "
                + Arrays.hashCode(bytes);
    }

    private static @Nullable String hex(@Nullable ByteBuffer buffer) {
        if (buffer == null) {
            return null;
        }
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return hex(bytes);
    }
}
