package io.paillette.capture.column;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * What stands for a column's value, made of the value's text. Source: Debezium's PostgreSQL connector documentation,
 * {@code column.mask.*} and {@code column.truncate.*}.
 */
public sealed interface ColumnMask {

    /** Instead of {@code text}, which is null for SQL NULL. */
    byte @Nullable [] of(byte @Nullable [] text);

    /** Whether rows that differ in the column still do, as good as certainly: so a key may have it. */
    boolean keepsApart();

    /** So many asterisks, for SQL NULL too: who reads them learns nothing. */
    record Asterisks(int count) implements ColumnMask {

        @Override
        public byte[] of(byte @Nullable [] text) {
            return "*".repeat(count).getBytes(US_ASCII);
        }

        @Override
        public boolean keepsApart() {
            return false;
        }
    }

    /** The first characters of the text. */
    record Beginning(int characters) implements ColumnMask {

        @Override
        public byte @Nullable [] of(byte @Nullable [] text) {
            return text == null ? null : beginning(text, characters);
        }

        @Override
        public boolean keepsApart() {
            return false;
        }
    }

    /**
     * The hash of salt and value in lower-case hexadecimal digits; SQL NULL stays.
     *
     * @param algorithm as the Java Cryptography Architecture calls it
     * @param version   what is hashed
     * @param most      as many characters as the column can hold; the hash is cut off there, if not before
     */
    record Hash(String algorithm, String salt, Version version, int most) implements ColumnMask {

        private static final int ENOUGH_DIGITS = 32;

        /** What is hashed of a value. */
        enum Version {
            /** The text as Java serialises it, as Debezium did first. */
            SERIALISED,
            /** The text in UTF-8. */
            UTF_8
        }

        @Override
        public byte @Nullable [] of(byte @Nullable [] text) {
            if (text == null) {
                return null;
            }
            MessageDigest digest = digest();
            digest.update(salt.getBytes(UTF_8));
            digest.update(version == Version.SERIALISED ? serialised(text) : text);
            return beginning(HexFormat.of().formatHex(digest.digest()).getBytes(US_ASCII), most);
        }

        /** 128 bits do; what a column of a few characters holds of a hash is soon that of another value too. */
        @Override
        public boolean keepsApart() {
            return most >= ENOUGH_DIGITS
                    && HexFormat.of().formatHex(digest().digest()).length() >= ENOUGH_DIGITS;
        }

        private MessageDigest digest() {
            try {
                return MessageDigest.getInstance(algorithm);
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException(algorithm + " was there when the options were read", e);
            }
        }

        private static byte[] serialised(byte[] text) {
            var bytes = new ByteArrayOutputStream();
            try (var out = new ObjectOutputStream(bytes)) {
                out.writeObject(new String(text, UTF_8));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return bytes.toByteArray();
        }
    }

    private static byte[] beginning(byte[] text, int characters) {
        if (text.length <= characters) {
            return text;
        }
        int end = 0;
        for (int count = 0; end < text.length; end++) {
            boolean begins = (text[end] & 0xC0) != 0x80;
            if (begins && count++ == characters) {
                break;
            }
        }
        return end == text.length ? text : Arrays.copyOf(text, end);
    }
}
