package io.paillette.capture.envelope;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/** A growing buffer of UTF-8 JSON, used again for each record. Text that is already UTF-8 is never made a String on the way. */
final class JsonBytes {

    private static final VarHandle WORD = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    /** A one in each byte of a word: tests eight bytes at once (Bit Twiddling Hacks, "determine if a word has a zero byte"). */
    private static final long EACH = 0x0101_0101_0101_0101L;

    private static final long TOP_BITS = EACH << 7;

    private static final byte[] HEX = "0123456789ABCDEF".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] BASE64 = ascii("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
    private static final byte[] NULL = ascii("null");
    private static final byte[] SMALLEST = ascii(Long.toString(Long.MIN_VALUE));

    /** What follows the backslash for a byte that JSON wants escaped; 'u' for the long form; 0 for a byte that stays. */
    private static final byte[] ESCAPES = escapes();

    /** 00 to 99: two digits for one division. */
    private static final byte[] PAIRS = pairs();

    private byte[] bytes = new byte[1024];
    private int size;

    void clear() {
        size = 0;
    }

    byte[] toBytes() {
        return Arrays.copyOf(bytes, size);
    }

    JsonBytes raw(byte[] json) {
        reserve(json.length);
        System.arraycopy(json, 0, bytes, size, json.length);
        size += json.length;
        return this;
    }

    JsonBytes raw(char ascii) {
        reserve(1);
        bytes[size++] = (byte) ascii;
        return this;
    }

    JsonBytes raw(JsonBytes json) {
        return append(json.bytes, 0, json.size);
    }

    /** The first {@code length} characters of what {@code json} has. */
    JsonBytes raw(JsonBytes json, int length) {
        return append(json.bytes, 0, length);
    }

    /** After the last member of the object that was written and closed. */
    JsonBytes goOn(byte[] member) {
        size--;
        return (bytes[size - 1] == '{' ? this : raw(',')).raw(member);
    }

    JsonBytes nil() {
        return raw(NULL);
    }

    JsonBytes number(long value) {
        if (value == Long.MIN_VALUE) {
            return raw(SMALLEST);
        }
        reserve(20);
        if (value < 0) {
            bytes[size++] = '-';
        }
        long rest = Math.abs(value);
        int at = size + digits(rest);
        size = at;
        while (rest >= 100) {
            int pair = (int) (rest % 100) * 2;
            rest /= 100;
            bytes[--at] = PAIRS[pair + 1];
            bytes[--at] = PAIRS[pair];
        }
        if (rest >= 10) {
            bytes[--at] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        bytes[--at] = (byte) ('0' + rest);
        return this;
    }

    private static int digits(long value) {
        long limit = 10;
        for (int digits = 1; digits < 19; digits++) {
            if (value < limit) {
                return digits;
            }
            limit *= 10;
        }
        return 19;
    }

    JsonBytes string(String text) {
        return string(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Quotes and escapes as Jackson does: short forms where JSON has them, {@code \\u00XX} for other control characters. */
    JsonBytes string(byte[] utf8) {
        reserve(utf8.length + 2);
        bytes[size++] = '"';
        int copied = 0;
        for (int i = plain(utf8, 0); i < utf8.length; i = plain(utf8, i + 1)) {
            if (utf8[i] >= 0 && ESCAPES[utf8[i]] != 0) {
                append(utf8, copied, i);
                escape(utf8[i]);
                copied = i + 1;
            }
        }
        append(utf8, copied, utf8.length);
        return raw('"');
    }

    /** Steps over whole words of eight bytes that need no escape, from {@code at}. */
    private static int plain(byte[] utf8, int at) {
        int i = at;
        while (i + Long.BYTES <= utf8.length) {
            long word = (long) WORD.get(utf8, i);
            long quote = word ^ EACH * '"';
            long backslash = word ^ EACH * '\\';
            long hits = (word - EACH * 0x20 & ~word) | (quote - EACH & ~quote) | (backslash - EACH & ~backslash);
            if ((hits & TOP_BITS) != 0) {
                return i;
            }
            i += Long.BYTES;
        }
        return i;
    }

    JsonBytes base64(byte[] value) {
        return raw('"').raw(Base64.getEncoder().encode(value)).raw('"');
    }

    /** The value's shortest two's complement form, as {@link java.math.BigInteger#toByteArray} gives it. */
    JsonBytes base64(long value) {
        int length = (Long.SIZE - Long.numberOfLeadingZeros(value < 0 ? ~value : value)) / Byte.SIZE + 1;
        reserve(14);
        bytes[size++] = '"';
        // From the left, three bytes at a time: those of the number are its last ones.
        for (int left = length; left > 0; left -= 3) {
            int three = (int) (left >= 3 ? value >> ((left - 3) * Byte.SIZE) : value << ((3 - left) * Byte.SIZE));
            bytes[size++] = BASE64[three >> 18 & 63];
            bytes[size++] = BASE64[three >> 12 & 63];
            bytes[size++] = left > 1 ? BASE64[three >> 6 & 63] : (byte) '=';
            bytes[size++] = left > 2 ? BASE64[three & 63] : (byte) '=';
        }
        bytes[size++] = '"';
        return this;
    }

    private JsonBytes append(byte[] from, int start, int end) {
        reserve(end - start);
        System.arraycopy(from, start, bytes, size, end - start);
        size += end - start;
        return this;
    }

    private void escape(byte b) {
        reserve(6);
        bytes[size++] = '\\';
        bytes[size++] = ESCAPES[b];
        if (ESCAPES[b] == 'u') {
            bytes[size++] = '0';
            bytes[size++] = '0';
            bytes[size++] = HEX[b >> 4];
            bytes[size++] = HEX[b & 0xF];
        }
    }

    private void reserve(int more) {
        if (bytes.length - size < more) {
            bytes = Arrays.copyOf(bytes, Math.max(Math.addExact(size, more), (int)
                    Math.min(bytes.length * 2L, Integer.MAX_VALUE - 8)));
        }
    }

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] pairs() {
        byte[] pairs = new byte[200];
        for (int i = 0; i < 100; i++) {
            pairs[2 * i] = (byte) ('0' + i / 10);
            pairs[2 * i + 1] = (byte) ('0' + i % 10);
        }
        return pairs;
    }

    private static byte[] escapes() {
        byte[] escapes = new byte[128];
        Arrays.fill(escapes, 0, 0x20, (byte) 'u');
        escapes['\b'] = 'b';
        escapes['\t'] = 't';
        escapes['\n'] = 'n';
        escapes['\f'] = 'f';
        escapes['\r'] = 'r';
        escapes['"'] = '"';
        escapes['\\'] = '\\';
        return escapes;
    }
}
