package io.paillette.broker.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.capture.CaptureOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class ConfigPagesTest {

    private static final Path ROOT = Path.of("..");
    private static final String REGENERATE =
            "to write it anew: mvn -pl shim-broker -am test -Dtest=ConfigPagesTest -Dpages=write"
                    + " -Dsurefire.failIfNoSpecifiedTests=false";

    @Test
    void everyKeyIsDocumented() {
        Stream<String> fixed = BrokerKeys.definition().configKeys().values().stream()
                .filter(key -> key.documentation.length() < 20)
                .map(key -> key.name);
        Stream<String> options = Stream.of(CaptureOption.values())
                .filter(option -> option.doc().length() < 20)
                .map(CaptureOption::key);
        assertThat(Stream.concat(fixed, options).collect(Collectors.toList())).isEmpty();
    }

    @Test
    void theTableOfKeysInTheDocsIsTheGeneratedOne() throws IOException {
        assertSame(ROOT.resolve("docs/config.md"), ConfigPages.markdown());
    }

    @Test
    void theSampleFileIsTheGeneratedOne() throws IOException {
        assertSame(ROOT.resolve("config/shim-broker.properties"), ConfigPages.sampleFile());
    }

    private static void assertSame(Path file, String generated) throws IOException {
        if ("write".equals(System.getProperty("pages"))) {
            Files.createDirectories(file.getParent());
            Files.writeString(file, generated);
        }
        assertThat(Files.exists(file) ? Files.readString(file) : "")
                .as(REGENERATE)
                .isEqualTo(generated);
    }
}
