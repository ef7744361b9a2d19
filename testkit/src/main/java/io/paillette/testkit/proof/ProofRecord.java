package io.paillette.testkit.proof;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * How a test ended that proves something, a line of a file below {@code target/proofs}.
 *
 * @param version as the run told it; empty if the test did not pass
 * @param test    simple name of its class
 */
public record ProofRecord(Outcome outcome, String client, String version, String what, String test) {

    /** The worst one of its runs counts. */
    public enum Outcome {
        PASSED,
        SKIPPED,
        FAILED;

        Outcome orWorse(Outcome other) {
            return compareTo(other) >= 0 ? this : other;
        }
    }

    /** As it is told by the test's annotation and by the versions that are here. */
    public static ProofRecord of(Outcome outcome, Proves proves, String test) {
        String version = outcome == Outcome.PASSED ? versions(proves) : "";
        return new ProofRecord(outcome, proves.client(), version, proves.what(), test);
    }

    private static String versions(Proves proves) {
        return Arrays.stream(proves.version()).map(Published::version).collect(Collectors.joining(", "));
    }

    String line() {
        return String.join("\t", outcome.name(), client, version, what, test);
    }

    private static ProofRecord parse(String line) {
        String[] parts = line.split("\t", -1);
        return new ProofRecord(Outcome.valueOf(parts[0]), parts[1], parts[2], parts[3], parts[4]);
    }

    /** Of the last run of each test, in every module of this checkout. */
    public static List<ProofRecord> all(Path root) {
        var records = new ArrayList<ProofRecord>();
        try (var modules = Files.newDirectoryStream(root)) {
            for (Path module : modules) {
                Path proofs = module.resolve("target").resolve("proofs");
                if (Files.isDirectory(proofs)) {
                    read(proofs, records);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("what the tests have proved cannot be read", e);
        }
        return records;
    }

    private static void read(Path proofs, List<ProofRecord> records) throws IOException {
        try (Stream<Path> files = Files.list(proofs)) {
            for (Path file : files.toList()) {
                Files.readAllLines(file).forEach(line -> records.add(parse(line)));
            }
        }
    }
}
