package io.paillette.broker.feed;

import io.paillette.capture.envelope.ChangeJson;
import io.paillette.capture.envelope.DebeziumJson;
import io.paillette.capture.envelope.RowJson;
import io.paillette.capture.envelope.ValueJson;
import io.paillette.capture.envelope.Wal2Json;
import io.paillette.capture.type.ValueHandling;
import java.time.InstantSource;

/** Makes what writes the records of a sequence, in its envelope. */
record Writers(FeedRules rules) {

    ValueJson of(Route route) {
        String source = rules.capture().name();
        ValueHandling handling = rules.capture().values();
        return switch (route.envelope()) {
            case DEBEZIUM ->
                new DebeziumJson(rules.version(), source, rules.database(), handling, InstantSource.system());
            case CHANGE -> new ChangeJson(source, rules.database(), table -> route.topic(), handling.plain());
            case ROW -> new RowJson(handling.plain());
            case WAL2JSON -> new Wal2Json(handling.plain());
        };
    }
}
