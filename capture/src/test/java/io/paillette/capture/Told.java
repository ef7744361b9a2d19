package io.paillette.capture;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import io.paillette.capture.envelope.ChangeRecord;
import io.paillette.capture.envelope.ChangeRecords;
import io.paillette.capture.envelope.KeyLink;
import io.paillette.capture.envelope.ValueJson;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What is told of events in an envelope. */
final class Told {

    private Told() {}

    static List<String> fields(JsonNode object) {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    static List<ChangeRecord> told(ValueJson json, List<CaptureEvent> events) {
        List<ChangeRecord> told = new ArrayList<>();
        for (CaptureEvent event : events) {
            List<ChangeRecord> all = event instanceof CaptureEvent.Row row
                    ? ChangeRecords.of(row)
                    : event instanceof CaptureEvent.Truncate truncate ? ChangeRecords.of(truncate) : List.of();
            all.stream().filter(record -> json.envelope().tells(record.op())).forEach(told::add);
        }
        return told;
    }

    /** Key, value and headers. */
    static List<String> records(ValueJson json, List<CaptureEvent> events) {
        List<String> records = new ArrayList<>();
        for (ChangeRecord record : told(json, events)) {
            KeyLink link = record.link();
            records.add(text(json.key(record)) + " " + text(json.value(record))
                    + (link == null ? "" : " " + link.header() + "=" + text(json.link(record, link))));
        }
        return records;
    }

    static String text(byte @Nullable [] utf8) {
        return Optional.ofNullable(utf8).map(bytes -> new String(bytes, UTF_8)).orElse("null");
    }
}
