package io.paillette.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Values as applications write them, JSON of one length: lz4 has something to find in them, unlike in random letters. */
final class Payloads {

    static final int BYTES = 250;

    private static final int DISTINCT = 10_000;
    private static final long SEED = 20261123;

    private Payloads() {}

    /** One a line, for a tool's {@code --payload-file}. */
    static Path write(Path file) {
        var random = new Random(SEED);
        try {
            return Files.writeString(
                    file,
                    IntStream.range(0, DISTINCT).mapToObj(i -> next(random)).collect(Collectors.joining("\n")));
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be written", e);
        }
    }

    private static String next(Random random) {
        String json = String.format(
                Locale.ROOT,
                "{\"order\":\"%016x\",\"customer\":%d,\"amount\":\"%d.%02d\",\"currency\":\"EUR\",\"paid\":%b,"
                        + "\"created\":\"2026-11-%02dT%02d:%02d:%02d.%03dZ\",\"session\":\"%016x%016x\",\"note\":\"\"}",
                random.nextLong(),
                random.nextInt(1_000_000),
                random.nextInt(10_000),
                random.nextInt(100),
                random.nextBoolean(),
                1 + random.nextInt(28),
                random.nextInt(24),
                random.nextInt(60),
                random.nextInt(60),
                random.nextInt(1000),
                random.nextLong(),
                random.nextLong());
        int room = BYTES - json.getBytes(StandardCharsets.UTF_8).length;
        String note = "please ring twice, leave it with the neighbours otherwise. thank you ".repeat(2);
        return json.replace("\"note\":\"\"", "\"note\":\"" + note.substring(0, room) + "\"");
    }
}
