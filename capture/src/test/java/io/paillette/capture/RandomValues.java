package io.paillette.capture;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.paillette.capture.catalog.SqlText;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/** Names, types and values of a random workload. Numbers are taken from one counter, so that none comes twice. */
final class RandomValues {

    static final String ENUM = "mood";

    private static final int IDENTIFIER_BYTES = 63;
    private static final List<String> NAMES =
            List.of("plain", "Mixed Case", "quo\"te", "pünkt.chen", "雪☃", "back\\slash", "select", "it's");
    private static final List<String> TEXTS =
            List.of("", "a", "NULL", "null", "\\N", "it's", "tab\tnewline\n", "back\\slash", "ü☃", "{\"(,)\"}", "  ");

    private final Random random;
    private final AtomicLong counter;

    RandomValues(Random random, AtomicLong counter) {
        this.random = random;
        this.counter = counter;
    }

    /** Of a table or column; in one of four cases of the greatest length. */
    String name() {
        var name = new StringBuilder(pick(NAMES)).append(counter.incrementAndGet());
        if (random.nextInt(4) == 0) {
            fill(name);
        }
        return name.toString();
    }

    private static void fill(StringBuilder name) {
        while (bytes(name) < IDENTIFIER_BYTES) {
            name.append(bytes(name) + 2 <= IDENTIFIER_BYTES ? "ü" : "x");
        }
    }

    private static int bytes(StringBuilder name) {
        return name.toString().getBytes(UTF_8).length;
    }

    String type() {
        return pick(List.of(
                "integer",
                "bigint",
                "numeric",
                "numeric(12,3)",
                "text",
                "text",
                "character varying(40)",
                "boolean",
                "double precision",
                "timestamp with time zone",
                "date",
                "interval",
                "bytea",
                "json",
                "jsonb",
                "uuid",
                "text[]",
                "integer[]",
                ENUM));
    }

    String uniqueType() {
        return pick(List.of("integer", "bigint", "text", "numeric"));
    }

    /** A type that every value of the given one can be cast to, or the same. */
    static String wider(String type) {
        return switch (type) {
            case "integer" -> "bigint";
            case "bigint" -> "numeric";
            case "json" -> "jsonb";
            case "numeric(12,3)" -> "numeric";
            case "numeric", "character varying(40)", "date", "uuid", "boolean", ENUM -> "text";
            default -> type;
        };
    }

    /** A literal that no column had before. */
    String unique(String type) {
        long number = counter.incrementAndGet();
        return type.equals("text") ? "'k" + number + "'" : String.valueOf(number);
    }

    /** A literal, often NULL, sometimes large enough to be TOASTed. */
    String value(String type) {
        if (random.nextInt(6) == 0) {
            return "null";
        }
        return SqlText.literal(
                        switch (type) {
                            case "integer" -> String.valueOf(random.nextInt());
                            case "bigint" -> String.valueOf(random.nextLong());
                            case "numeric" -> numeric();
                            case "numeric(12,3)" ->
                                BigDecimal.valueOf(random.nextInt(), 3).toPlainString();
                            case "text" -> text();
                            case "character varying(40)" -> pick(TEXTS);
                            case "boolean" -> String.valueOf(random.nextBoolean());
                            case "double precision" ->
                                pick(List.of("NaN", "-Infinity", "0.1", String.valueOf(random.nextGaussian())));
                            case "timestamp with time zone" ->
                                pick(List.of("infinity", "0044-03-15 12:00:00+01 BC", "2024-02-29 23:59:59.123456-08"));
                            case "date" -> pick(List.of("2024-02-29", "-infinity", "12024-01-01", "0001-01-01 BC"));
                            case "interval" -> random.nextInt(40) + " days " + random.nextInt() + " seconds";
                            case "bytea" -> "\\x" + hex();
                            case "json" -> "{\"b\":1, \"a\" : \"" + hex() + "\"}";
                            case "jsonb" -> "[\"" + hex() + "\", null]";
                            case "uuid" -> new UUID(random.nextLong(), random.nextLong()).toString();
                            case "text[]" -> "{NULL,\"NULL\",\"a,b\"," + hex() + "x}";
                            case "integer[]" -> "{{1,2},{3,NULL}}";
                            case ENUM -> pick(List.of("sad", "a,b", "it's"));
                            default -> throw new IllegalArgumentException(type);
                        })
                + "::" + (type.equals(ENUM) ? "public." + ENUM : type);
    }

    /** A literal that the catalog can hold. */
    String small(String type) {
        String value = value(type);
        while (value.length() > 1_000) {
            value = value(type);
        }
        return value;
    }

    private String numeric() {
        return random.nextInt(5) == 0
                ? "NaN"
                : new BigDecimal(new BigInteger(100, random), random.nextInt(20)).toPlainString();
    }

    private String text() {
        return random.nextInt(3) == 0 ? hex() : pick(TEXTS);
    }

    /** Does not compress, so that a long one is stored out of line. */
    private String hex() {
        byte[] bytes = new byte[random.nextInt(4) == 0 ? 2_000 + random.nextInt(4_000) : random.nextInt(8)];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    <T> T pick(List<T> from) {
        return from.get(random.nextInt(from.size()));
    }
}
