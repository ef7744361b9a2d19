package io.paillette.capture.type;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** point from Postgres's text output: {@code (x,y)}, each as a float8. */
public final class PointText {

    private static final int WKB_BYTES = 21;
    private static final byte LITTLE_ENDIAN = 1;
    private static final int WKB_POINT = 1;

    private PointText() {}

    /** The text of x. */
    public static byte[] x(byte[] text) {
        return part(text, 0);
    }

    /** The text of y. */
    public static byte[] y(byte[] text) {
        return part(text, 1);
    }

    /** OGC well-known binary, little-endian. */
    public static byte[] wkb(byte[] text) {
        return ByteBuffer.allocate(WKB_BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(LITTLE_ENDIAN)
                .putInt(WKB_POINT)
                .putDouble(ScalarText.float8(x(text)))
                .putDouble(ScalarText.float8(y(text)))
                .array();
    }

    private static byte[] part(byte[] text, int index) {
        String point = new String(text, ISO_8859_1);
        if (point.length() < 2 || point.charAt(0) != '(' || point.charAt(point.length() - 1) != ')') {
            throw ScalarText.bad(text, "point");
        }
        String[] parts = point.substring(1, point.length() - 1).split(",", -1);
        if (parts.length != 2) {
            throw ScalarText.bad(text, "point");
        }
        return parts[index].getBytes(ISO_8859_1);
    }
}
