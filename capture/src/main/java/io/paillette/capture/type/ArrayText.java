package io.paillette.capture.type;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Reads the text of an array: {@code {1,NULL,"a \" b"}}, nested, with or without bounds ({@code [0:1]={1,2}}). Source: Postgres docs 8.15.6. */
public final class ArrayText {

    /** Postgres's MAXDIM. */
    private static final int MAX_DIMENSIONS = 6;

    private final byte[] text;
    private final char delimiter;
    private final Sink sink;
    private int at;

    private ArrayText(byte[] text, char delimiter, Sink sink) {
        this.text = text;
        this.delimiter = delimiter;
        this.sink = sink;
    }

    /** Receives the array in order; begin and end nest once for each dimension. */
    public interface Sink {

        void begin();

        /** {@code text} is the element's own text output, unquoted, a fresh array; null for NULL. */
        void element(byte @Nullable [] text);

        void end();
    }

    /**
     * @param delimiter what stands between the elements ({@code pg_type.typdelim})
     * @throws BadValueException when the text is not an array; the sink may have received a part of it
     */
    public static void read(byte[] text, char delimiter, Sink sink) {
        new ArrayText(text, delimiter, sink).read();
    }

    private void read() {
        if (peek() == '[') {
            while (peek() != '=') {
                at++;
            }
            at++;
        }
        dimension(1);
        if (at != text.length) {
            throw bad("goes on after its closing brace");
        }
    }

    private void dimension(int depth) {
        if (depth > MAX_DIMENSIONS) {
            throw bad("has more than " + MAX_DIMENSIONS + " dimensions");
        }
        expect('{');
        sink.begin();
        if (peek() == '}') {
            at++;
        } else {
            do {
                if (peek() == '{') {
                    dimension(depth + 1);
                } else {
                    sink.element(peek() == '"' ? quoted() : plain());
                }
            } while (more());
        }
        sink.end();
    }

    /** Whether another item follows; steps over the delimiter or the closing brace. */
    private boolean more() {
        byte next = peek();
        if (next != delimiter && next != '}') {
            throw bad("has '" + (char) next + "' where '" + delimiter + "' or '}' was expected");
        }
        at++;
        return next == delimiter;
    }

    private byte @Nullable [] plain() {
        int start = at;
        while (peek() != delimiter && peek() != '}') {
            at++;
        }
        if (start == at) {
            throw bad("has an empty element without quotes");
        }
        return isNull(start, at) ? null : Arrays.copyOfRange(text, start, at);
    }

    private byte[] quoted() {
        int start = ++at;
        int escapes = 0;
        while (peek() != '"') {
            if (text[at] == '\\') {
                escapes++;
                at++;
            }
            at++;
        }
        byte[] value = ScalarText.unescaped(text, start, at, escapes);
        at++;
        return value;
    }

    private boolean isNull(int start, int end) {
        return end - start == 4
                && text[start] == 'N'
                && text[start + 1] == 'U'
                && text[start + 2] == 'L'
                && text[start + 3] == 'L';
    }

    private void expect(char c) {
        if (peek() != c) {
            throw bad("lacks '" + c + "'");
        }
        at++;
    }

    private byte peek() {
        if (at >= text.length) {
            throw bad("ends too early");
        }
        return text[at];
    }

    private BadValueException bad(String problem) {
        return new BadValueException(
                "array \"" + new String(text, StandardCharsets.UTF_8) + "\" " + problem + " (byte " + at + ")");
    }
}
