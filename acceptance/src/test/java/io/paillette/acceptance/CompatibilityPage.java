package io.paillette.acceptance;

import io.paillette.testkit.Peer;
import io.paillette.testkit.proof.ProofRecord;
import io.paillette.testkit.proof.ProofRecord.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The tables in docs/compatibility.md, between two marks; what is around them is written by hand. */
final class CompatibilityPage {

    static final Path FILE = Peer.root().resolve("docs").resolve("compatibility.md");

    private static final String BEGIN = "<!-- proofs, written by CompatibilityPageTest -->\n";
    private static final String END = "<!-- end of proofs -->\n";
    private static final String PROVEN =
            """

            | client or framework | version | what is proven | test |
            |---|---|---|---|
            """;
    private static final String NOT_PROVEN =
            """

            Not proven by the last run, in which these tests were left out, were skipped or have failed:

            | client or framework | what its test is about | test |
            |---|---|---|
            """;

    private CompatibilityPage() {}

    /** What is proven, and what is not. */
    static List<ProofRecord> rows() throws IOException {
        String page = Files.readString(FILE);
        return page.substring(page.indexOf(BEGIN), page.indexOf(END))
                .lines()
                .filter(line -> line.startsWith("| ") && line.endsWith("` |"))
                .map(CompatibilityPage::row)
                .toList();
    }

    private static ProofRecord row(String line) {
        String[] cells = line.substring(2, line.length() - 2).split(" \\| ", -1);
        String test = cells[cells.length - 1].replace("`", "");
        return cells.length == 4
                ? new ProofRecord(Outcome.PASSED, cells[0], cells[1], cells[2], test)
                : new ProofRecord(Outcome.SKIPPED, cells[0], "", cells[1], test);
    }

    static void write(List<ProofRecord> rows) throws IOException {
        String page = Files.readString(FILE);
        String table = table(PROVEN, rows.stream().filter(CompatibilityPage::isProven))
                + table(NOT_PROVEN, rows.stream().filter(row -> !isProven(row)));
        Files.writeString(
                FILE,
                page.substring(0, page.indexOf(BEGIN) + BEGIN.length())
                        + table
                        + "\n"
                        + page.substring(page.indexOf(END)));
    }

    private static boolean isProven(ProofRecord row) {
        return row.outcome() == Outcome.PASSED;
    }

    /** Nothing where there is no row. */
    private static String table(String head, Stream<ProofRecord> rows) {
        String lines = rows.map(CompatibilityPage::line).collect(Collectors.joining());
        return lines.isEmpty() ? "" : head + lines;
    }

    private static String line(ProofRecord row) {
        String version = isProven(row) ? row.version() + " | " : "";
        return "| " + row.client() + " | " + version + row.what() + " | `" + row.test() + "` |\n";
    }
}
