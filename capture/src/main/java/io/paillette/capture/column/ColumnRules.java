package io.paillette.capture.column;

import io.paillette.capture.TableName;
import io.paillette.capture.column.ColumnMask.Hash.Version;
import io.paillette.capture.type.ColumnType;
import io.paillette.capture.type.ColumnType.Scalar;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;

/** What a user says of columns. Names of columns are {@code schema.table.column}. */
public final class ColumnRules {

    /** Every column as it is, and the table's own key. */
    public static final ColumnRules NONE =
            new ColumnRules(RegexList.NONE, RegexList.NONE, new MessageKeys(List.of()), List.of());

    /** {@code varchar(n)} and {@code char(n)}: their modifier is n + 4. */
    private static final List<Integer> TYPES_WITH_LENGTH = List.of(1043, 1042);

    private static final int LENGTH_OFFSET = 4;

    private final RegexList included;
    private final RegexList excluded;
    private final MessageKeys keys;
    private final List<Masking> maskings;

    private record Masking(String key, ColumnOption option, RegexList columns, Matcher middle) {}

    private ColumnRules(RegexList included, RegexList excluded, MessageKeys keys, List<Masking> maskings) {
        this.included = included;
        this.excluded = excluded;
        this.keys = keys;
        this.maskings = List.copyOf(maskings);
    }

    /**
     * @param masks by key; what is not a key of a {@link ColumnOption} is ignored
     * @throws IllegalArgumentException that begins with the key of what is wrong
     */
    public ColumnRules masking(Map<String, String> masks) {
        List<Masking> found = new ArrayList<>();
        masks.forEach((key, columns) ->
                ColumnOption.given(key).ifPresent(given -> found.add(masking(key, given, RegexList.of(key, columns)))));
        found.sort(Comparator.comparing(Masking::option).thenComparing(Masking::key));
        return new ColumnRules(included, excluded, keys, found);
    }

    /** @throws IllegalArgumentException that begins with {@code key} */
    public ColumnRules keyed(String key, String text) {
        return new ColumnRules(included, excluded, MessageKeys.of(key, text), maskings);
    }

    /** At most one of the lists names something. */
    public ColumnRules telling(RegexList include, RegexList exclude) {
        return new ColumnRules(include, exclude, keys, maskings);
    }

    private static Masking masking(String key, ColumnOption.Given given, RegexList columns) {
        switch (given.option()) {
            case TRUNCATE, MASK -> length(key, given.middle());
            case HASH, HASH_V2 -> requireAlgorithm(key, given.middle().group(1));
        }
        return new Masking(key, given.option(), columns, given.middle());
    }

    private static int length(String key, Matcher middle) {
        try {
            return Integer.parseInt(middle.group(1));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(key + ": " + middle.group(1) + " characters are too many", e);
        }
    }

    private static void requireAlgorithm(String key, String algorithm) {
        try {
            MessageDigest.getInstance(algorithm);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalArgumentException(
                    key + ": \"" + algorithm + "\" is no hash that Java knows; SHA-256 is one", e);
        }
    }

    /**
     * What is told of a column.
     *
     * @throws IllegalArgumentException when its type does not allow that
     */
    public Exposure exposure(TableName table, String column, int typeOid, int typeModifier, ColumnType type) {
        String name = table + "." + column;
        boolean inRow = isInRow(table, column);
        Optional<ColumnMask> mask = maskings.stream()
                .filter(masking -> masking.columns().matches(name))
                .findFirst()
                .map(masking -> mask(masking, name, declaredLength(typeOid, typeModifier), type));
        return inRow && mask.isEmpty() ? Exposure.WHOLE : new Exposure(inRow, mask);
    }

    /** Whether the row has it. */
    public boolean isInRow(TableName table, String column) {
        String name = table + "." + column;
        return (included.isEmpty() || included.matches(name)) && !excluded.matches(name);
    }

    private static ColumnMask mask(Masking masking, String name, int declared, ColumnType type) {
        Matcher middle = masking.middle();
        return switch (masking.option()) {
            case TRUNCATE -> {
                if (type != Scalar.TEXT) {
                    throw new IllegalArgumentException(masking.key() + " names column " + name
                            + ", which is no text: leave it out there, or mask it");
                }
                yield new ColumnMask.Beginning(length(masking.key(), middle));
            }
            case MASK -> new ColumnMask.Asterisks(length(masking.key(), middle));
            case HASH -> new ColumnMask.Hash(middle.group(1), middle.group(2), Version.SERIALISED, declared);
            case HASH_V2 -> new ColumnMask.Hash(middle.group(1), middle.group(2), Version.UTF_8, declared);
        };
    }

    private static int declaredLength(int typeOid, int typeModifier) {
        return TYPES_WITH_LENGTH.contains(typeOid) && typeModifier > LENGTH_OFFSET
                ? typeModifier - LENGTH_OFFSET
                : Integer.MAX_VALUE;
    }

    /**
     * The names of the columns that are the key of a table's messages, in their order; empty where it is the table's own.
     */
    public Optional<List<String>> key(TableName table) {
        return keys.of(table);
    }
}
