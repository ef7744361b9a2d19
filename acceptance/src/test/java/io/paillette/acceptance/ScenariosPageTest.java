package io.paillette.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.testkit.Peer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ScenariosPageTest {

    private static final Pattern ROW = Pattern.compile("(?m)^\\| (\\d+) \\|");
    private static final Pattern NAMED = Pattern.compile("`(\\w+(?:Test|IT))\\.(\\w+)`");
    private static final List<String> MODULES = List.of("capture", "connector", "shim-broker", "acceptance");

    private record Named(String testClass, String method) {}

    @Test
    void theFortySituationsAreThereAndEachTestThatIsNamedIsOne() throws IOException {
        String page = Files.readString(Peer.root().resolve("docs/scenarios.md"));
        assertThat(ROW.matcher(page).results().map(row -> Integer.parseInt(row.group(1))))
                .containsExactlyElementsOf(IntStream.rangeClosed(1, 40).boxed().toList());
        List<Named> named = NAMED.matcher(page)
                .results()
                .map(found -> new Named(found.group(1), found.group(2)))
                .toList();
        assertThat(named).isNotEmpty();
        for (Named test : named) {
            assertThat(sources(test.testClass()))
                    .as("%s", test)
                    .anyMatch(source -> source.contains("void " + test.method() + "("));
        }
    }

    /** Two modules may have a class of the same name. */
    private static List<String> sources(String testClass) throws IOException {
        var sources = new ArrayList<String>();
        for (String module : MODULES) {
            Path tests = Peer.root().resolve(module).resolve("src/test/java");
            try (var files = Files.find(
                    tests, 20, (path, of) -> String.valueOf(path.getFileName()).equals(testClass + ".java"))) {
                for (Path file : files.toList()) {
                    sources.add(Files.readString(file));
                }
            }
        }
        return sources;
    }
}
