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

    private static final String TEMPLATE =
            """
            # Page

            first

            ```text
            @one@
            ```

            second

            ```text
            @two@
            ```
            """;

    private final Path file;

    BenchmarksPageTest(@TempDir Path directory) {
        this.file = directory.resolve("benchmarks.md");
    }

    @Test
    void aSectionIsReplacedAndTheOthersStay() throws IOException {
        new BenchmarksPage(TEMPLATE, file).replace("one", List.of(), "machine   2 cores\n\n1.00 $1 \\ met\n");
        assertThat(Files.readString(file))
                .isEqualTo(
                        """
                        # Page

                        first

                        ```text
                        $ benchmarks/run one

                        machine   2 cores

                        1.00 $1 \\ met
                        ```

                        second

                        ```text
                        $ benchmarks/run two

                        (not measured yet)
                        ```
                        """);

        new BenchmarksPage(TEMPLATE, file).replace("two", List.of("--rounds", "5"), "2.00\n");
        new BenchmarksPage(TEMPLATE.replace("first", "text of a newer template"), file)
                .replace("one", List.of(), "3.00");
        assertThat(Files.readString(file))
                .isEqualTo(
                        """
                        # Page

                        text of a newer template

                        ```text
                        $ benchmarks/run one

                        3.00
                        ```

                        second

                        ```text
                        $ benchmarks/run two --rounds 5

                        2.00
                        ```
                        """);
    }

    @Test
    void everySectionIsACommand() {
        assertThat(new CommandLine(new Main()).getSubcommands().keySet()).containsAll(new BenchmarksPage(file).names());
    }
}
