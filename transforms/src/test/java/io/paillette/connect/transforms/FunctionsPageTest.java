package io.paillette.connect.transforms;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.kafka.common.config.ConfigDef;
import org.junit.jupiter.api.Test;

/** What docs/guides/transform.md says of the options is what the code says. */
final class FunctionsPageTest {

    private static final Path PAGE = Path.of("..", "docs", "guides", "transform.md");
    private static final String BEGIN = "<!-- options, written by FunctionsPageTest -->";
    private static final String END = "<!-- /options -->";

    @Test
    void theOptionsAreThoseOfTheDefinition() throws IOException {
        String text = Files.readString(PAGE);
        int from = text.indexOf(BEGIN);
        int to = text.indexOf(END);
        assertThat(from).as(BEGIN).isPositive();
        String generated = text.substring(0, from) + BEGIN + "\n\n" + options() + "\n" + text.substring(to);
        if ("write".equals(System.getProperty("pages"))) {
            Files.writeString(PAGE, generated);
        }
        assertThat(Files.readString(PAGE))
                .as("to write it anew: mvn -pl transforms -am test -Dtest=FunctionsPageTest -Dpages=write"
                        + " -Dsurefire.failIfNoSpecifiedTests=false")
                .isEqualTo(generated);
    }

    private static String options() {
        var text = new StringBuilder("| option | default | what it does |\n|---|---|---|\n");
        for (ConfigDef.ConfigKey key : FunctionsConfig.definition().configKeys().values()) {
            text.append("| `%s` | %s | %s |\n"
                    .formatted(
                            key.name,
                            key.defaultValue.equals("") ? "(empty)" : "`" + key.defaultValue + "`",
                            key.documentation));
        }
        return text.toString();
    }
}
