package io.paillette.connect;

import io.paillette.capture.Capture;
import io.paillette.capture.CaptureEvent;
import io.paillette.capture.CaptureException;
import io.paillette.capture.CaptureOption;
import io.paillette.capture.CaptureSettings;
import io.paillette.testkit.PostgresServer.Database;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a capture delivers of statements. */
final class Captured {

    private Captured() {}

    /** Changes alone, unless the options say otherwise. */
    static CaptureSettings settings(Database database, Map<CaptureOption, String> options) {
        var all = new EnumMap<CaptureOption, String>(CaptureOption.class);
        all.put(CaptureOption.SNAPSHOT_MODE, "no_data");
        all.putAll(options);
        all.put(CaptureOption.URL, database.url());
        return CaptureSettings.of(database.name(), all);
    }

    /** By one that started before them. */
    static List<CaptureEvent> of(Database database, CaptureSettings settings, String... statements)
            throws CaptureException, InterruptedException {
        List<CaptureEvent> events = new ArrayList<>();
        try (var capture = Capture.start(settings, Optional.empty())) {
            database.execute(statements);
            database.execute("create table finished (id int primary key)", "insert into finished values (1)");
            while (events.stream().noneMatch(Captured::isFinished)) {
                events.addAll(capture.poll(Duration.ofSeconds(30)));
            }
        }
        events.removeIf(Captured::isFinished);
        return events;
    }

    private static boolean isFinished(CaptureEvent event) {
        return event instanceof CaptureEvent.Row row
                && row.relation().name().table().equals("finished");
    }
}
