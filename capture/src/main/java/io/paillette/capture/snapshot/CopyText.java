package io.paillette.capture.snapshot;

import io.paillette.capture.Tuple;
import java.util.Arrays;

/**
 * Reads rows of COPY's text format (docs: COPY, Text Format) into the same tuples that the WAL gives: columns between tabs,
 * {@code \N} for NULL, control characters and backslashes behind a backslash.
 */
final class CopyText {

    private CopyText() {}

    /** @param row one row as COPY sends it, its newline included */
    static Tuple parse(byte[] row, int columns) {
        byte[][] values = new byte[columns][];
        int end = row.length > 0 && row[row.length - 1] == '\n' ? row.length - 1 : row.length;
        int start = 0;
        int column = 0;
        boolean escaped = false;
        // A table without columns is one empty line a row.
        if (columns == 0 && end == 0) {
            return new Tuple(values);
        }
        for (int i = 0; i <= end; i++) {
            if (i == end || row[i] == '\t') {
                if (column == columns) {
                    throw new IllegalStateException("COPY sent more than the " + columns + " columns asked for");
                }
                values[column++] = value(row, start, i, escaped);
                start = i + 1;
                escaped = false;
            } else if (row[i] == '\\') {
                escaped = true;
                i++;
            }
        }
        if (column != columns) {
            throw new IllegalStateException("COPY sent " + column + " columns instead of " + columns);
        }
        return new Tuple(values);
    }

    private static byte @org.jspecify.annotations.Nullable [] value(byte[] row, int start, int end, boolean escaped) {
        if (!escaped) {
            return Arrays.copyOfRange(row, start, end);
        }
        if (end - start == 2 && row[start + 1] == 'N') {
            return null;
        }
        byte[] plain = new byte[end - start];
        int length = 0;
        for (int i = start; i < end; i++) {
            byte b = row[i];
            plain[length++] = b == '\\' && i + 1 < end ? unescape(row[++i]) : b;
        }
        return Arrays.copyOf(plain, length);
    }

    private static byte unescape(byte code) {
        return switch (code) {
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'v' -> 0x0B;
            default -> code;
        };
    }
}
