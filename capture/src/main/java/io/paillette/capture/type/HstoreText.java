package io.paillette.capture.type;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the text of an hstore: {@code "a"=>"1", "b \" c"=>NULL}. Source: Postgres docs F.17 (hstore). */
public final class HstoreText {

    private static final byte[] ARROW = {'=', '>'};
    private static final byte[] NULL = {'N', 'U', 'L', 'L'};
    private static final byte[] COMMA = {',', ' '};

    private final byte[] text;
    private int at;

    private HstoreText(byte[] text) {
        this.text = text;
    }

    /** In the order of the text; null for NULL. */
    public static Map<String, @Nullable String> map(byte[] text) {
        Map<String, @Nullable String> map = new LinkedHashMap<>();
        new HstoreText(text)
                .read((key, value) -> map.put(ScalarText.string(key), value == null ? null : ScalarText.string(value)));
        return map;
    }

    /** The same as a JSON object in UTF-8. */
    public static byte[] json(byte[] text) {
        var out = new ByteArrayOutputStream(text.length + 16);
        out.write('{');
        new HstoreText(text).read((key, value) -> {
            if (out.size() > 1) {
                out.write(',');
            }
            string(out, key);
            out.write(':');
            if (value == null) {
                out.writeBytes("null".getBytes(StandardCharsets.US_ASCII));
            } else {
                string(out, value);
            }
        });
        out.write('}');
        return out.toByteArray();
    }

    /** Receives the pairs in order, unquoted. */
    private interface Sink {
        void pair(byte[] key, byte @Nullable [] value);
    }

    private void read(Sink sink) {
        while (at < text.length) {
            if (at > 0) {
                expect(COMMA);
            }
            byte[] key = quoted();
            expect(ARROW);
            if (at < text.length && text[at] == 'N') {
                expect(NULL);
                sink.pair(key, null);
            } else {
                sink.pair(key, quoted());
            }
        }
    }

    private byte[] quoted() {
        if (at >= text.length || text[at] != '"') {
            throw bad();
        }
        int start = ++at;
        int escapes = 0;
        for (; at < text.length && text[at] != '"'; at++) {
            if (text[at] == '\\') {
                escapes++;
                at++;
            }
        }
        if (at >= text.length) {
            throw bad();
        }
        int end = at++;
        return ScalarText.unescaped(text, start, end, escapes);
    }

    private void expect(byte[] mark) {
        int end = at + mark.length;
        if (end > text.length || !Arrays.equals(text, at, end, mark, 0, mark.length)) {
            throw bad();
        }
        at = end;
    }

    private static void string(ByteArrayOutputStream out, byte[] utf8) {
        out.write('"');
        for (byte b : utf8) {
            if (b == '"' || b == '\\') {
                out.write('\\');
                out.write(b);
            } else if (b >= 0 && b < ' ') {
                int known = "\b\t\n\f\r".indexOf(b);
                String escape = known < 0 ? String.format(Locale.ROOT, "\\u%04X", b) : "\\" + "btnfr".charAt(known);
                out.writeBytes(escape.getBytes(StandardCharsets.US_ASCII));
            } else {
                out.write(b);
            }
        }
        out.write('"');
    }

    private BadValueException bad() {
        return new BadValueException("\"" + ScalarText.string(text) + "\" is not an hstore (byte " + at + ")");
    }
}
