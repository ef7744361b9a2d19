package io.paillette.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.testkit.Peer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ScenariosPageTest {

    private static final Pattern ROW = Pattern.compile("(?m)^\\| (\\d+) \\|");
    private static final Pattern NAMED = Pattern.compile("`(\\w+(?:Test|IT))\\.(\\w+)`");

    @Test
    void theFortySituationsAreThereAndEachTestThatIsNamedIsOne() throws IOException {
        String page = Files.readString(Peer.root().resolve("docs/scenarios.md"));
        assertThat(ROW.matcher(page).results().map(row -> Integer.parseInt(row.group(1))))
                .containsExactlyElementsOf(IntStream.rangeClosed(1, 40).boxed().toList());
        List<MatchResult> named = NAMED.matcher(page).results().toList();
        assertThat(named).isNotEmpty().allSatisfy(test -> assertThat(source(test.group(1)))
                .as(test.group())
                .contains("void " + test.group(2) + "("));
    }

    private static String source(String testClass) throws IOException {
        try (var files = Files.find(
                Peer.root(), 20, (path, of) -> path.getFileName().toString().equals(testClass + ".java"))) {
            Path file = files.findFirst().orElseThrow(() -> new AssertionError("no " + testClass));
            return Files.readString(file);
        }
    }
}
