package io.paillette.capture.type;

/** bit(n) from Postgres's text output: one character for each bit, the highest first. */
public final class BitText {

    private BitText() {}

    /** Of bit(1). */
    public static boolean single(byte[] text) {
        if (text.length != 1) {
            throw ScalarText.bad(text, "bit(1)");
        }
        return isSet(text, 0);
    }

    /** The lowest eight bits first, as in Debezium's {@code io.debezium.data.Bits}. */
    public static byte[] littleEndian(byte[] text) {
        byte[] bytes = new byte[(text.length + Byte.SIZE - 1) / Byte.SIZE];
        for (int i = 0; i < text.length; i++) {
            if (isSet(text, i)) {
                int bit = text.length - 1 - i;
                bytes[bit / Byte.SIZE] |= (byte) (1 << bit % Byte.SIZE);
            }
        }
        return bytes;
    }

    private static boolean isSet(byte[] text, int index) {
        if (text[index] != '0' && text[index] != '1') {
            throw ScalarText.bad(text, "bit string");
        }
        return text[index] == '1';
    }
}
