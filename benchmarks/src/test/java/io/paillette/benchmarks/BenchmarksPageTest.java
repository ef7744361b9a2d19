package io.paillette.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class BenchmarksPageTest {

    private static final String TEMPLATE = "# Page\n\nfirst\n\n```text\n@one@\n```\n\nsecond\n\n```text\n@two@\n```\n";

    private final Path file;

    BenchmarksPageTest(@TempDir Path directory) {
        this.file = directory.resolve("benchmarks.md");
    }

    @Test
    void aSectionIsReplacedAndTheOthersStay() throws IOException {
        new BenchmarksPage(TEMPLATE, file).replace("one", List.of(), "machine   2 cores\n\n1.00 $1 \\ met\n");
        assertThat(Files.readString(file))
                .isEqualTo(
                        "# Page\n\nfirst\n\n```text\n$ benchmarks/run one\nmachine   2 cores\n\n1.00 $1 \\ met\n```\n\n"
                                + "second\n\n```text\n$ benchmarks/run two\n(not measured yet)\n```\n");

        new BenchmarksPage(TEMPLATE, file).replace("two", List.of("--rounds", "5"), "2.00\n");
        new BenchmarksPage(TEMPLATE.replace("first", "text of a newer template"), file)
                .replace("one", List.of(), "3.00");
        assertThat(Files.readString(file))
                .isEqualTo("# Page\n\ntext of a newer template\n\n```text\n$ benchmarks/run one\n3.00\n```\n\n"
                        + "second\n\n```text\n$ benchmarks/run two --rounds 5\n2.00\n```\n");
    }

    @Test
    void everySectionIsACommand() {
        assertThat(new CommandLine(new Main()).getSubcommands().keySet()).containsAll(new BenchmarksPage(file).names());
    }
}
