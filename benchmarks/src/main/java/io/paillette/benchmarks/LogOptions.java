package io.paillette.benchmarks;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import picocli.CommandLine.Option;

/** Which brokers a measurement of the log starts, and how: the same options for each. */
final class LogOptions {

    @Option(names = "--without-kafka", description = "Measure Paillette alone: no ratios.")
    private boolean withoutKafka;

    @Option(
            names = "--profile",
            paramLabel = "FILE",
            description = "Record Paillette's broker with JFR (settings=profile) into this file, written when it ends.")
    private Optional<Path> profile = Optional.empty();

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "A key of Paillette's configuration; may be repeated.")
    private Map<String, String> settings = new TreeMap<>();

    /** Started, Paillette first; ended with the scope. */
    Brokers start(Scope scope) {
        return start(scope, Map.of());
    }

    /** @param own settings of Paillette that the command needs */
    Brokers start(Scope scope, Map<String, String> own) {
        return start(scope, own, Map.of());
    }

    /**
     * @param own   settings of Paillette that the command needs
     * @param kafka of Apache Kafka
     */
    Brokers start(Scope scope, Map<String, String> own, Map<String, String> kafka) {
        Say.note("starting Paillette with its embedded Postgres" + (withoutKafka ? "" : ", and Apache Kafka"));
        var all = new TreeMap<>(own);
        all.putAll(settings);
        var paillette = scope.add(new PailletteBroker(jvmOptions(), all));
        return new Brokers(paillette, withoutKafka ? Optional.empty() : Optional.of(scope.add(new KafkaBroker(kafka))));
    }

    private List<String> jvmOptions() {
        return profile.map(file -> "-XX:StartFlightRecording=filename=" + file.toAbsolutePath()
                        + ",settings=profile,dumponexit=true")
                .map(List::of)
                .orElse(List.of());
    }

    /** What differs from the defaults, for the line that says what was run; empty when nothing does. */
    String told() {
        var told = new ArrayList<String>();
        if (!settings.isEmpty()) {
            told.add("Paillette with " + settings);
        }
        if (profile.isPresent()) {
            told.add("Paillette's broker under JFR");
        }
        return told.isEmpty() ? "" : "; " + String.join(", ", told);
    }
}
