package io.paillette.broker.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.broker.wire.ApiRange;
import io.paillette.testkit.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.protocol.ApiKeys;
import org.junit.jupiter.api.Test;

/** The table of served APIs in docs/ is what the handlers say. */
class ApiSupportTest {

    private static final Path PAGE = Path.of("..", "docs", "api-support.md");
    private static final String COMMAND =
            "mvn -pl shim-broker -am test -Dtest=ApiSupportTest -Dsurefire.failIfNoSpecifiedTests=false -Ddocs.write";

    @Test
    void thePageOfServedApisIsUpToDate() throws IOException {
        String expected;
        try (RunningApis broker = RunningApis.on(PostgresServer.shared().newDatabase())) {
            expected = page(broker.handlers.registry().ranges());
        }
        if (System.getProperty("docs.write") != null) {
            Files.createDirectories(PAGE.getParent());
            Files.writeString(PAGE, expected);
        }
        assertThat(PAGE).as("write it anew with: " + COMMAND).exists().content().isEqualTo(expected);
    }

    private static String page(List<ApiRange> ranges) {
        Map<ApiKeys, ApiRange> served = new EnumMap<>(ApiKeys.class);
        ranges.forEach(range -> served.put(range.key(), range));
        StringBuilder page = new StringBuilder(
                """
                # Kafka APIs

                Generated from the handlers; write it anew with `%s`.
                "Kafka" is what Apache Kafka 4.4.0 serves to clients. Produce is advertised from version 0, as Kafka does for
                librdkafka's sake; versions 0 to 2 are not parsed by either.

                | key | API | served | Kafka |
                |--:|---|---|---|
                """
                        .formatted(COMMAND));
        for (ApiKeys api : ApiKeys.brokerApis()) {
            ApiRange range = served.get(api);
            page.append("| %d | %s | %s | %d-%d |%n"
                    .formatted(
                            api.id,
                            api.name,
                            range == null ? "" : range.min() + "-" + range.max(),
                            api.oldestVersion(),
                            api.latestVersion()));
        }
        return page.toString();
    }
}
