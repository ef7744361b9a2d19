package io.paillette.capture.pgoutput;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Reads the fields of one message, big-endian, and never past its end. */
final class MessageReader {

    private static final VarHandle INT16 = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INT32 = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INT64 = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private final byte[] bytes;
    private final int start;
    private final int end;
    private int at;

    MessageReader(byte[] bytes, int offset, int length) {
        this.bytes = bytes;
        this.start = offset;
        this.at = offset;
        this.end = offset + length;
    }

    int remaining() {
        return end - at;
    }

    byte int8() {
        need(1);
        return bytes[at++];
    }

    /** Unsigned. */
    int int16() {
        need(2);
        int value = (short) INT16.get(bytes, at) & 0xFFFF;
        at += 2;
        return value;
    }

    int int32() {
        need(4);
        int value = (int) INT32.get(bytes, at);
        at += 4;
        return value;
    }

    long int64() {
        need(8);
        long value = (long) INT64.get(bytes, at);
        at += 8;
        return value;
    }

    /** UTF-8 up to a zero byte. */
    String string() {
        for (int i = at; i < end; i++) {
            if (bytes[i] == 0) {
                String value = new String(bytes, at, i - at, StandardCharsets.UTF_8);
                at = i + 1;
                return value;
            }
        }
        throw malformed("a string without its closing zero byte");
    }

    /** A length of 32 bits and that many bytes, as an array of their own. */
    byte[] counted() {
        int length = int32();
        if (length < 0 || length > remaining()) {
            throw malformed(
                    "a value of " + Integer.toUnsignedLong(length) + " bytes where " + remaining() + " are left");
        }
        byte[] value = Arrays.copyOfRange(bytes, at, at + length);
        at += length;
        return value;
    }

    /** Refuses a count of items that cannot fit, before anything is allocated for them. */
    int plausible(int count, int bytesPerItem, String what) {
        if (count < 0 || (long) count * bytesPerItem > remaining()) {
            throw malformed(Integer.toUnsignedLong(count) + " " + what + " where " + remaining() + " bytes are left");
        }
        return count;
    }

    void end() {
        if (at != end) {
            throw malformed(remaining() + " bytes after its end");
        }
    }

    MalformedMessageException malformed(String what) {
        String kind = start < end ? name(bytes[start]) : "empty";
        return new MalformedMessageException(
                "pgoutput message " + kind + " of " + (end - start) + " bytes, at byte " + (at - start) + ": " + what);
    }

    static String name(byte kind) {
        return kind > 0x20 && kind < 0x7F ? "'" + (char) kind + "'" : String.format("0x%02x", kind);
    }

    private void need(int count) {
        if (end - at < count) {
            throw malformed("ends where " + count + " more bytes were expected");
        }
    }
}
