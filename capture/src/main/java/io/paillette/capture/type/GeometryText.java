package io.paillette.capture.type;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.OptionalInt;

/** PostGIS's geometry and geography from their text output: extended well-known binary (EWKB) in hex digits. */
public final class GeometryText {

    /** A collection of nothing, for a value that must be there and is not told. */
    public static final String EMPTY = "010700000000000000";

    private static final int HEAD_BYTES = 5;
    private static final int HAS_SRID = 0x20000000;
    private static final byte[] UNAVAILABLE = Unavailable.PLACEHOLDER.getBytes(StandardCharsets.UTF_8);

    private GeometryText() {}

    /** The EWKB as it is: what is beyond OGC's well-known binary, the SRID among it, stays in it. */
    public static byte[] wkb(byte[] text) {
        byte[] wkb;
        try {
            wkb = HexFormat.of().parseHex(ScalarText.string(text));
        } catch (IllegalArgumentException e) {
            throw ScalarText.bad(text, "geometry in hex digits");
        }
        if (wkb.length < HEAD_BYTES || (wkb[0] != 0 && wkb[0] != 1 && !isUnavailable(wkb))) {
            throw ScalarText.bad(text, "geometry in hex digits");
        }
        return wkb;
    }

    /** Of a value of {@link #wkb}, where it has one. */
    public static OptionalInt srid(byte[] wkb) {
        if (isUnavailable(wkb)) {
            return OptionalInt.empty();
        }
        ByteBuffer reader = ByteBuffer.wrap(wkb).order(wkb[0] == 0 ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
        boolean has = (reader.getInt(1) & HAS_SRID) != 0;
        return has && wkb.length >= HEAD_BYTES + Integer.BYTES
                ? OptionalInt.of(reader.getInt(HEAD_BYTES))
                : OptionalInt.empty();
    }

    private static boolean isUnavailable(byte[] wkb) {
        return Arrays.equals(wkb, UNAVAILABLE);
    }
}
