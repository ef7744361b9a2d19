package io.paillette.broker.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What can be told of docker-compose.yaml without an engine: that it fits the rest of the checkout. */
final class ComposeFileTest {

    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern SETTING = Pattern.compile("(?m)^ +- --set\\R +- (\\S+)$");
    private static final Pattern VARIABLE = Pattern.compile("(?m)^ +([A-Z_]+): (\\S+)$");
    private static final Pattern MOUNT = Pattern.compile("(?m)^ +- \\./([^:]+):");
    private static final Pattern PORT = Pattern.compile("\"([0-9.]*:?)[0-9]+:[0-9]+\"");

    private final String compose = Files.readString(ROOT.resolve("docker-compose.yaml"));

    ComposeFileTest() throws IOException {}

    @Test
    void theBrokersSettingsAreACompleteConfiguration() throws Exception {
        List<String> settings = all(SETTING);
        assertThat(settings).anyMatch(setting -> setting.startsWith("store.url="));

        BrokerConfig config = ConfigReader.read(new ConfigInput(
                ROOT.resolve("config/quickstart.properties"), settings, ROOT, ROOT, environment()::get));

        assertThat(config.store().url()).isPresent();
        assertThat(config.network().advertised()).hasSameSizeAs(config.network().listeners());
        assertThat(config.sources()).hasSize(1);
    }

    @Test
    void everyFileThatIsMountedIsThere() {
        assertThat(all(MOUNT)).isNotEmpty().allSatisfy(file -> assertThat(ROOT.resolve(file))
                .isRegularFile());
    }

    @Test
    void everyPortIsPublishedOnLoopbackOnly() {
        assertThat(all(PORT)).hasSize(5).containsOnly("127.0.0.1:");
    }

    private Map<String, String> environment() {
        return VARIABLE.matcher(compose)
                .results()
                .collect(Collectors.toMap(match -> match.group(1), match -> match.group(2), (a, b) -> b));
    }

    private List<String> all(Pattern pattern) {
        return pattern.matcher(compose).results().map(match -> match.group(1)).toList();
    }
}
