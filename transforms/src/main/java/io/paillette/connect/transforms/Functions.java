package io.paillette.connect.transforms;

import io.paillette.function.FunctionException;
import io.paillette.function.Outcome;
import io.paillette.function.Outcome.Kept;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.connect.components.Versioned;
import org.apache.kafka.connect.connector.ConnectRecord;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.transforms.Transformation;
import org.jspecify.annotations.Nullable;

/**
 * Calls {@code filter}, {@code transform} and {@code route} of a file with each record, before a sink and behind a source. A value
 * that {@code transform} has not made stays what it was, with its schema; one that it has made has none.
 */
public final class Functions<R extends ConnectRecord<R>> implements Transformation<R>, Versioned {

    private @Nullable FunctionCalls calls;
    private NullHandling nulls = NullHandling.KEEP;

    @Override
    public ConfigDef config() {
        return FunctionsConfig.definition();
    }

    @Override
    public String version() {
        return Version.current();
    }

    @Override
    public void configure(Map<String, ?> properties) {
        close();
        var config = new FunctionsConfig(properties);
        nulls = config.nulls();
        calls = FunctionCalls.compile(config.source());
    }

    @Override
    public @Nullable R apply(R record) {
        if (record.value() == null && nulls != NullHandling.EVALUATE) {
            return nulls == NullHandling.KEEP ? record : null;
        }
        FunctionCalls ready = Objects.requireNonNull(calls, "configured");
        byte[] change = Told.change(record);
        try {
            Outcome outcome = ready.call(change);
            return outcome instanceof Kept kept ? Told.record(record, change, kept) : null;
        } catch (FunctionException e) {
            throw new DataException(
                    "functions fail for the record of " + Told.place(record) + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        if (calls != null) {
            calls.close();
            calls = null;
        }
    }
}
