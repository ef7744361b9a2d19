package io.paillette.broker.postgres;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.paillette.broker.replay.ConditionException;
import io.paillette.broker.replay.ConditionException.Why;
import io.paillette.broker.replay.StoredRecord;
import io.paillette.broker.store.StoreException;
import io.paillette.capture.CaptureException;
import io.paillette.capture.catalog.SqlCondition;
import io.paillette.capture.catalog.SqlWords;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;
import org.postgresql.jdbc.PgConnection;
import org.postgresql.util.PSQLException;

/**
 * A condition on stored records, evaluated by Postgres: of a list of them in one statement, in a transaction that can only read and is
 * rolled back, so that nothing of it stays in the session.
 */
record ReplayCondition(Connections connections, String evaluate, SqlCondition condition) {

    private static final String ALONE =
            """
            SET TRANSACTION READ ONLY; SET LOCAL statement_timeout = 10000; SET LOCAL enable_seqscan = on""";

    private static final String WHERE = "\nWHERE ";
    private static final int PARAMETERS = 6;
    private static final String CANCELED = "57014";
    private static final ObjectMapper JSON = new ObjectMapper();

    /** What Postgres answers. */
    private record Answer(List<Integer> ordinals, Optional<PSQLException> refusal) {}

    static ReplayCondition of(Connections connections, NamedQueries queries, String condition) {
        return new ReplayCondition(connections, queries.get("evaluate"), new SqlCondition("the replay", condition));
    }

    /** @throws ConditionException saying where it is none */
    void check() throws ConditionException {
        requireOne();
        Optional<PSQLException> refusal =
                ask(new TopicPartition("", 0), List.of()).refusal();
        if (refusal.isPresent()) {
            PSQLException said = refusal.get();
            // The driver makes it longer: each parameter gets its number.
            int before = evaluate.length() + WHERE.length() + PARAMETERS;
            throw new ConditionException(
                    condition
                            .fault(said, before)
                            .map(CaptureException::getMessage)
                            .orElse("The condition of the replay fails: " + message(said)),
                    Why.NONE,
                    said);
        }
    }

    private void requireOne() throws ConditionException {
        try {
            condition.requireOne();
        } catch (CaptureException e) {
            throw new ConditionException(String.valueOf(e.getMessage()), Why.NONE, e);
        }
    }

    List<Integer> matching(TopicPartition partition, List<StoredRecord> records) throws ConditionException {
        requireOne(); // one that is asked for in SQL was not looked at by any broker
        Answer answer = ask(partition, records);
        if (answer.refusal().isPresent()) {
            PSQLException said = answer.refusal().get();
            throw new ConditionException(
                    message(said), CANCELED.equals(said.getSQLState()) ? Why.LATE : Why.RECORDS, said);
        }
        List<Integer> places =
                answer.ordinals().stream().map(ordinal -> ordinal - 1).sorted().toList();
        int most = records.size();
        if (places.stream().anyMatch(place -> place < 0 || place >= most)
                || places.stream().distinct().count() < places.size()) {
            throw new ConditionException(
                    "it chooses records that it was not asked about, or one twice", Why.RECORDS, null);
        }
        return places;
    }

    private static String message(PSQLException said) {
        return said.getServerErrorMessage() == null
                ? String.valueOf(said.getMessage())
                : String.valueOf(said.getServerErrorMessage().getMessage());
    }

    private Answer ask(TopicPartition partition, List<StoredRecord> records) {
        return connections.transaction("asking which records match", connection -> {
            try (Statement alone = connection.createStatement()) {
                alone.execute(ALONE);
            }
            Answer answer;
            try {
                // Past the pool, which would give up a connection that says it can only read.
                answer = new Answer(
                        ordinals(connection.unwrap(PgConnection.class), partition, records), Optional.empty());
            } catch (PSQLException e) {
                StoreException fault = Faults.beforeCommit("asking which records match", e);
                if (fault.fate() != StoreException.Fate.REFUSED
                        && !CANCELED.equals(e.getSQLState())
                        && !Faults.isReadOnly(e)) { // as the transaction is to be
                    throw e;
                }
                answer = new Answer(List.of(), Optional.of(e));
            }
            connection.rollback();
            return answer;
        });
    }

    private List<Integer> ordinals(Connection connection, TopicPartition partition, List<StoredRecord> records)
            throws SQLException {
        String sql = evaluate + WHERE + SqlWords.withoutParameters(condition.expression());
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setArray(
                    1,
                    connection.createArrayOf(
                            "int4",
                            Collections.nCopies(records.size(), partition.partition())
                                    .toArray()));
            statement.setArray(2, connection.createArrayOf("int8", each(records, StoredRecord::offset)));
            statement.setArray(3, connection.createArrayOf("int8", each(records, StoredRecord::timestamp)));
            statement.setArray(4, connection.createArrayOf("bytea", bytes(records, StoredRecord::key)));
            statement.setArray(5, connection.createArrayOf("bytea", bytes(records, StoredRecord::value)));
            statement.setArray(6, connection.createArrayOf("text", each(records, record -> headers(record.headers()))));
            return PostgresLogStore.rows(statement, row -> row.getInt(1));
        }
    }

    private static Object[] each(List<StoredRecord> records, Function<StoredRecord, Object> value) {
        return records.stream().map(value).toArray();
    }

    private static byte[] @Nullable [] bytes(
            List<StoredRecord> records, Function<StoredRecord, byte @Nullable []> value) {
        return records.stream().map(value).toArray(byte[][]::new);
    }

    /** As {@code paillette.produce} takes them: of several with one name the last, what is no text in hex. */
    private static String headers(List<Header> headers) {
        Map<String, @Nullable String> object = new LinkedHashMap<>();
        for (Header header : headers) {
            String name = text(header.key().getBytes(UTF_8));
            object.put(name, header.value() == null ? null : text(header.value()));
        }
        try {
            return JSON.writeValueAsString(object);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("texts are always JSON", e);
        }
    }

    private static String text(byte[] bytes) {
        try {
            String text = UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
            return text.indexOf('\0') < 0 ? text : hex(bytes);
        } catch (CharacterCodingException e) {
            return hex(bytes); // what Postgres cannot have as text
        }
    }

    private static String hex(byte[] bytes) {
        return "\\x" + HexFormat.of().formatHex(bytes);
    }
}
