package io.paillette.capture.type;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;

/** pgvector's types from their text output: {@code [1,-2.5]}, and {@code {1:1,3:-2.5}/5} of a sparse one. */
public final class VectorText {

    private VectorText() {}

    /**
     * A sparse vector.
     *
     * @param values by index, from 1, in their order
     */
    public record Sparse(short dimensions, Map<Short, Double> values) {
        public Sparse {
            values = new LinkedHashMap<>(values);
        }
    }

    static <T> List<T> elements(byte[] text, Function<byte[], T> of) {
        List<T> elements = new ArrayList<>();
        eachElement(text, element -> elements.add(of.apply(element)));
        return elements;
    }

    /** The text of each number of {@code [1,-2.5]}. */
    public static void eachElement(byte[] text, Consumer<byte[]> each) {
        if (text.length < 2 || text[0] != '[' || text[text.length - 1] != ']') {
            throw ScalarText.bad(text, "vector");
        }
        eachPart(text, 1, text.length - 1, each);
    }

    /** The parts between commas; none of nothing. */
    private static void eachPart(byte[] text, int from, int to, Consumer<byte[]> each) {
        int start = from;
        for (int i = from; i <= to && from < to; i++) {
            if (i == to || text[i] == ',') {
                each.accept(Arrays.copyOfRange(text, start, i));
                start = i + 1;
            }
        }
    }

    static Sparse sparse(byte[] text) {
        Map<Short, Double> values = new LinkedHashMap<>();
        eachPair(text, (index, value) -> values.put(small(index, text), ScalarText.float8(value)));
        return new Sparse(small(dimensions(text), text), values);
    }

    /** An index and the text of its number. */
    @FunctionalInterface
    public interface Pair {
        void accept(long index, byte[] value);
    }

    /** Of {@code {1:1,3:-2.5}/5}. */
    public static void eachPair(byte[] text, Pair each) {
        int end = slash(text) - 1;
        if (text[0] != '{' || end < 1 || text[end] != '}') {
            throw ScalarText.bad(text, "sparsevec");
        }
        eachPart(text, 1, end, part -> {
            int colon = 0;
            while (colon < part.length && part[colon] != ':') {
                colon++;
            }
            if (colon == part.length) {
                throw ScalarText.bad(text, "sparsevec");
            }
            each.accept(
                    ScalarText.integer(Arrays.copyOf(part, colon)), Arrays.copyOfRange(part, colon + 1, part.length));
        });
    }

    public static long dimensions(byte[] text) {
        return ScalarText.integer(Arrays.copyOfRange(text, slash(text) + 1, text.length));
    }

    private static int slash(byte[] text) {
        int slash = text.length - 1;
        while (slash > 0 && text[slash] != '/') {
            slash--;
        }
        if (slash <= 0) {
            throw ScalarText.bad(text, "sparsevec");
        }
        return slash;
    }

    private static short small(long number, byte[] text) {
        if (number < 0 || number > Short.MAX_VALUE) {
            throw ScalarText.bad(text, "sparsevec of at most " + Short.MAX_VALUE + " dimensions");
        }
        return (short) number;
    }
}
