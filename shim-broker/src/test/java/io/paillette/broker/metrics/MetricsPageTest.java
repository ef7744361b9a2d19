package io.paillette.broker.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MetricsPageTest {

    private static final Path PAGE = Path.of("../docs/metrics.md");
    private static final String REGENERATE =
            "to write it anew: mvn -pl shim-broker -am test -Dtest=MetricsPageTest -Dpages=write"
                    + " -Dsurefire.failIfNoSpecifiedTests=false";

    @Test
    void theTableOfMetricsInTheDocsIsTheGeneratedOne() throws IOException {
        if ("write".equals(System.getProperty("pages"))) {
            Files.writeString(PAGE, page());
        }
        assertThat(Files.exists(PAGE) ? Files.readString(PAGE) : "")
                .as(REGENERATE)
                .isEqualTo(page());
    }

    @Test
    void everyMetricIsExposedUnderTheNameInTheDocs() {
        try (Metrics metrics = new Metrics()) {
            for (Metric metric : Metric.values()) {
                if (metric.label().isEmpty()) {
                    metrics.add(metric, () -> 7);
                } else {
                    metrics.add(metric, () -> Map.of("one", 7.0));
                }
            }
            String text = metrics.scrape();
            for (Metric metric : Metric.values()) {
                String label = metric.label().isEmpty() ? "" : "{" + metric.label() + "=\"one\"}";
                assertThat(text).contains("\n" + metric.exposed() + label + " 7.0\n");
            }
        }
    }

    @Test
    void aLabelThatComesLaterIsExposedFromThenOn() {
        try (Metrics metrics = new Metrics()) {
            var values = new java.util.concurrent.ConcurrentHashMap<String, Double>();
            metrics.add(Metric.FEED_RECORDS, () -> Map.copyOf(values));
            assertThat(metrics.scrape()).doesNotContain("app");
            values.put("app", 1.0);
            assertThat(metrics.scrape()).contains("{source=\"app\"} 1.0");
            values.put("app", 2.0);
            assertThat(metrics.scrape()).contains("{source=\"app\"} 2.0");
        }
    }

    private static String page() {
        var page = new StringBuilder(
                """
                # Metrics

                `GET /metrics` on `http.listen`, in Prometheus' text format. Generated from the code; %s.
                Counters begin at the start of the broker, those of sources and sequences when the source was started
                last. What is told of Postgres is at most 30 seconds old as long as
                somebody asks every now and then; without anybody who asks, Postgres is not asked either,
                save for the slot of a source, which is looked at every ten seconds.

                | metric | kind | label | meaning |
                |---|---|---|---|
                """
                        .formatted(REGENERATE));
        for (Metric metric : Metric.values()) {
            page.append("| `%s` | %s | %s | %s |\n"
                    .formatted(
                            metric.exposed(),
                            metric.kind().name().toLowerCase(Locale.ROOT),
                            metric.label().isEmpty() ? "" : "`" + metric.label() + "`",
                            metric.doc()));
        }
        return page.toString();
    }
}
