package io.paillette.broker.smt;

import io.paillette.broker.smt.ChainException.Stage;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.storage.Converter;
import org.apache.kafka.connect.storage.HeaderConverter;
import org.jspecify.annotations.Nullable;

/** Makes bytes of a record. */
record Converters(Plugin<Converter> keys, Plugin<Converter> values, Plugin<HeaderConverter> headers) {

    /** Headers first: converters may add some, as one that tells the schema in a header does. */
    RecordHeaders headers(SourceRecord record) throws ChainException {
        var converted = new RecordHeaders();
        try {
            for (org.apache.kafka.connect.header.Header header : record.headers()) {
                converted.add(
                        header.key(),
                        headers.<byte @Nullable []>call(it ->
                                it.fromConnectHeader(record.topic(), header.key(), header.schema(), header.value())));
            }
        } catch (RuntimeException | LinkageError e) {
            throw failed("header.converter", Stage.HEADER_CONVERTER, headers, e);
        }
        return converted;
    }

    byte @Nullable [] key(SourceRecord record, RecordHeaders with) throws ChainException {
        try {
            return bytes(keys, record.topic(), with, record.keySchema(), record.key());
        } catch (RuntimeException | LinkageError e) {
            throw failed("key.converter", Stage.KEY_CONVERTER, keys, e);
        }
    }

    byte @Nullable [] value(SourceRecord record, RecordHeaders with) throws ChainException {
        try {
            return bytes(values, record.topic(), with, record.valueSchema(), record.value());
        } catch (RuntimeException | LinkageError e) {
            throw failed("value.converter", Stage.VALUE_CONVERTER, values, e);
        }
    }

    private static byte @Nullable [] bytes(
            Plugin<Converter> converter,
            String topic,
            RecordHeaders with,
            @Nullable Schema schema,
            @Nullable Object value) {
        return converter.<byte @Nullable []>call(it -> it.fromConnectData(topic, with, schema, value));
    }

    private static ChainException failed(String option, Stage stage, Plugin<?> converter, Throwable cause) {
        return ChainException.failed(option, stage, converter.className(), cause);
    }
}
