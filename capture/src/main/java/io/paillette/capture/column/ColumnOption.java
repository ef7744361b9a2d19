package io.paillette.capture.column;

import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The options that have something in the middle of their name, which may be given several times: what stands for the values
 * of columns. The first that names a column, in the order of this list, is the one that counts. Names are Debezium's.
 */
public enum ColumnOption {
    TRUNCATE(
            "column.truncate.to.<length>.chars",
            "column\\.truncate\\.to\\.(\\d+)\\.chars",
            "column.truncate.to.20.chars",
            "Columns of text of which only so many characters are told, as comma-separated regular expressions, each for a"
                    + " whole schema.table.column, upper or lower case."),
    MASK(
            "column.mask.with.<length>.chars",
            "column\\.mask\\.with\\.(\\d+)\\.chars",
            "column.mask.with.10.chars",
            "Columns of which only so many asterisks are told, for NULL too, named as in column.truncate.to. Columns of any"
                    + " type, which then are told as strings; none of a key."),
    HASH(
            "column.mask.hash.<algorithm>.with.salt.<salt>",
            "column\\.mask\\.hash\\.(?!v2\\.)([^.]+)\\.with\\.salt\\.(.+)",
            "column.mask.hash.SHA-256.with.salt.CzQMA0cB5K",
            "Columns of which a hash is told, in hexadecimal digits, no longer than the column can hold, named as in"
                    + " column.truncate.to; NULL stays. The algorithm is one that Java knows. Columns of any type, which"
                    + " then are told as strings, also in keys of 32 characters or more; positions hold keys as they are. The text is"
                    + " hashed as Java serialises it, as Debezium did"
                    + " first; a new configuration takes v2."),
    HASH_V2(
            "column.mask.hash.v2.<algorithm>.with.salt.<salt>",
            "column\\.mask\\.hash\\.v2\\.([^.]+)\\.with\\.salt\\.(.+)",
            "column.mask.hash.v2.SHA-256.with.salt.CzQMA0cB5K",
            "The same, with the text hashed in UTF-8: what any language makes of salt and value.");

    private final String form;

    /** A regular expression, as text: an enum keeps only immutable values. */
    private final String pattern;

    private final String example;
    private final String doc;

    ColumnOption(String form, String pattern, String example, String doc) {
        this.form = form;
        this.pattern = pattern;
        this.example = example;
        this.doc = doc;
    }

    /** The option that a key is of, and what is in the middle of it. */
    static Optional<Given> given(String key) {
        return Arrays.stream(values())
                .map(option -> new Given(option, Pattern.compile(option.pattern).matcher(key)))
                .filter(given -> given.middle().matches())
                .findFirst();
    }

    /** Whether this is a key of one of these options. */
    public static boolean isKey(String key) {
        return given(key).isPresent();
    }

    record Given(ColumnOption option, Matcher middle) {}

    /** The key for people, with angle brackets around what is in the middle. */
    public String form() {
        return form;
    }

    /** A key. */
    public String example() {
        return example;
    }

    /** One to three sentences for people. */
    public String doc() {
        return doc;
    }
}
