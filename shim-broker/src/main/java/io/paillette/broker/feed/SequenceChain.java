package io.paillette.broker.feed;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.paillette.broker.feed.FeedRules.SequenceRule;
import io.paillette.broker.smt.ChainException;
import io.paillette.broker.smt.ChainException.Stage;
import io.paillette.broker.smt.RecordChain;
import io.paillette.capture.envelope.ChangeRecord;
import io.paillette.capture.type.BadValueException;
import io.paillette.struct.Change;
import io.paillette.struct.ChangeEnvelope;
import io.paillette.struct.DebeziumEnvelope;
import io.paillette.struct.NameAdjustment;
import io.paillette.struct.RowEnvelope;
import io.paillette.struct.StructNames;
import io.paillette.struct.TableStructs;
import io.paillette.struct.ValueEnvelope;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.source.SourceRecord;

/** Makes source records of a sequence's changes, as the connector does, and has them go through its chain. */
final class SequenceChain implements AutoCloseable {

    private final RecordChain chain;
    private final TableStructs structs;
    private final String topic;
    private final Map<String, String> partition;

    /** Schemas are called after the tables, as more than one may go to a sequence. */
    SequenceChain(FeedRules rules, SequenceRule rule, RecordChain chain) {
        String source = rules.capture().name();
        this.chain = chain;
        this.topic = rule.topic();
        this.partition = Map.of("server", source);
        this.structs = new TableStructs(
                new StructNames(
                        table -> SequenceNames.topicOf(source, table), NameAdjustment.NONE, NameAdjustment.NONE),
                rules.capture().values(),
                envelope(rules, rule));
    }

    private static ValueEnvelope envelope(FeedRules rules, SequenceRule rule) {
        String source = rules.capture().name();
        return switch (rule.shape().envelope()) {
            case DEBEZIUM -> new DebeziumEnvelope(rules.version(), source, rules.database(), InstantSource.system());
            case CHANGE -> new ChangeEnvelope(source, rules.database(), table -> rule.topic());
            case ROW -> new RowEnvelope();
            case WAL2JSON -> throw new IllegalArgumentException(rule.name() + ": wal2json has no schema");
        };
    }

    /**
     * Empty: a transformation has dropped it.
     *
     * @param beside headers that the record has before the chain, of text
     */
    Optional<ProducerRecord<byte[], byte[]>> call(ChangeRecord change, List<Header> beside) throws ChainException {
        return chain.call(record(change, beside));
    }

    private SourceRecord record(ChangeRecord change, List<Header> beside) throws ChainException {
        Change made = made(change);
        for (Header header : beside) {
            byte[] text = header.value();
            if (text == null) {
                made.headers().add(header.key(), null, Schema.OPTIONAL_STRING_SCHEMA);
            } else {
                made.headers().addString(header.key(), new String(text, UTF_8));
            }
        }
        return new SourceRecord(
                partition,
                Map.of("lsn", change.lsn().value()),
                topic,
                null,
                made.keySchema(),
                made.key(),
                made.valueSchema(),
                made.value(),
                change.transaction().committed().toEpochMilli(),
                made.headers());
    }

    private Change made(ChangeRecord change) throws ChainException {
        try {
            return structs.of(change);
        } catch (BadValueException e) {
            throw ChainException.failed("envelope", Stage.VALUE_CONVERTER, TableStructs.class.getName(), e);
        }
    }

    @Override
    public void close() {
        chain.close();
    }
}
