package io.paillette.client;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * What an application does with Kafka in its own transaction on the Postgres that holds Paillette's log: done with its other
 * changes or not at all. Commit and rollback stay the application's.
 *
 * <pre>{@code
 * connection.setAutoCommit(false);
 * var transaction = SqlTransaction.on(connection);
 * for (var record : records) {
 *     transfer(connection, record);
 * }
 * transaction.commitOffsets(records, consumer.groupMetadata());
 * connection.commit();
 * }</pre>
 *
 * <p>When any of it fails, roll back and let the consumer go on from what is committed: close it and make a new one, or {@code
 * seek} to {@code committed}.
 */
public final class SqlTransaction {

    private static final String COMMIT_OFFSET = "select paillette.commit_offset(?, ?, ?, ?, ?, ?)";
    private static final String PRODUCE = "select paillette.produce(?, ?::bytea, ?::bytea, jsonb_object(?, ?), ?)";

    private final Connection connection;

    private SqlTransaction(Connection connection) {
        this.connection = connection;
    }

    /** @throws IllegalStateException when every statement of the connection would be a transaction of its own */
    public static SqlTransaction on(Connection connection) throws SQLException {
        if (connection.getAutoCommit()) {
            throw new IllegalStateException("the connection commits by itself; call setAutoCommit(false) first");
        }
        return new SqlTransaction(connection);
    }

    /**
     * Commits the offsets after these records for the group.
     *
     * @param member of the consumer that has polled them: {@code consumer.groupMetadata()}
     * @throws SQLException with state 55000 when the member was replaced meanwhile
     */
    public void commitOffsets(ConsumerRecords<?, ?> records, ConsumerGroupMetadata member) throws SQLException {
        for (TopicPartition partition : records.partitions()) {
            List<? extends ConsumerRecord<?, ?>> some = records.records(partition);
            commitOffset(partition, some.get(some.size() - 1).offset() + 1, member);
        }
    }

    /**
     * Commits an offset for the group, of the record that is to be read next.
     *
     * @throws SQLException with state 55000 when the member was replaced meanwhile
     */
    public void commitOffset(TopicPartition partition, long offset, ConsumerGroupMetadata member) throws SQLException {
        try (PreparedStatement commit = connection.prepareStatement(COMMIT_OFFSET)) {
            commit.setString(1, member.groupId());
            commit.setString(2, partition.topic());
            commit.setInt(3, partition.partition());
            commit.setLong(4, offset);
            commit.setString(5, member.memberId());
            commit.setInt(6, member.generationId());
            commit.execute();
        }
    }

    /**
     * Publishes a record; the log gives it its offset after the commit, and its timestamp is that of this call.
     *
     * <p>Headers are put into the order of their names' lengths and names, as {@code jsonb} keeps them.
     *
     * @throws IllegalArgumentException for a record with a timestamp of its own, for a header that is not UTF-8, and for one that
     *     is there twice
     */
    public void produce(ProducerRecord<byte[], byte[]> record) throws SQLException {
        if (record.timestamp() != null) {
            throw new IllegalArgumentException(
                    "a record published by SQL has the time of the call; leave its timestamp out");
        }
        var names = new ArrayList<String>();
        var values = new ArrayList<@Nullable String>();
        for (Header header : record.headers()) {
            if (names.contains(header.key())) {
                throw new IllegalArgumentException(
                        "header \"" + header.key() + "\" is there twice: SQL takes each name once");
            }
            names.add(header.key());
            values.add(text(header));
        }
        try (PreparedStatement produce = connection.prepareStatement(PRODUCE)) {
            produce.setString(1, record.topic());
            produce.setBytes(2, record.key());
            produce.setBytes(3, record.value());
            produce.setArray(4, connection.createArrayOf("text", names.toArray()));
            produce.setArray(5, connection.createArrayOf("text", values.toArray()));
            if (record.partition() == null) {
                produce.setNull(6, Types.INTEGER);
            } else {
                produce.setInt(6, record.partition());
            }
            produce.execute();
        }
    }

    private static @Nullable String text(Header header) {
        if (header.value() == null) {
            return null;
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(header.value()))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("header \"" + header.key() + "\" is not UTF-8: SQL takes texts only", e);
        }
    }
}
