package io.paillette.broker.smt;

import io.paillette.broker.smt.ChainException.Stage;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.connect.source.SourceRecord;

/** Transformations that records go through one after the other, and the converters behind them. For one thread. */
public final class RecordChain implements AutoCloseable {

    private final List<Step> steps;
    private final Converters converters;

    private final ChainMaking made;

    private RecordChain(List<Step> steps, Converters converters, ChainMaking made) {
        this.steps = List.copyOf(steps);
        this.converters = converters;
        this.made = made;
    }

    /** @throws ChainException naming the option that is wrong, in the words of Connect */
    public static RecordChain of(ChainSettings settings, Plugins plugins) throws ChainException {
        var making = new ChainMaking(settings, plugins);
        boolean made = false;
        try {
            var chain = new RecordChain(making.steps(), making.converters(), making);
            made = true;
            return chain;
        } finally {
            if (!made) {
                making.close();
            }
        }
    }

    /**
     * Empty: a transformation has dropped it. Else what a producer would be given; without a partition it is as the key says.
     *
     * @param record that has a timestamp
     * @throws ChainException naming the option of what fails
     */
    public Optional<ProducerRecord<byte[], byte[]>> call(SourceRecord record) throws ChainException {
        SourceRecord now = record;
        for (Step step : steps) {
            now = step.apply(now);
            if (now == null) {
                return Optional.empty();
            }
        }
        RecordHeaders headers = converters.headers(now);
        byte[] key = converters.key(now, headers);
        byte[] value = converters.value(now, headers);
        Long timestamp = now.timestamp() == null ? record.timestamp() : now.timestamp();
        try {
            return Optional.of(new ProducerRecord<>(now.topic(), now.kafkaPartition(), timestamp, key, value, headers));
        } catch (IllegalArgumentException e) { // a negative partition, for example
            throw ChainException.failed("transforms", Stage.TRANSFORMATION, ProducerRecord.class.getName(), e);
        }
    }

    @Override
    public void close() {
        made.close();
    }
}
