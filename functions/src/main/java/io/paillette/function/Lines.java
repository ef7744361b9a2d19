package io.paillette.function;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.util.function.Consumer;

/** Gives on what is written line by line; of a line without end what fits. */
final class Lines extends OutputStream {

    private static final int LONGEST = 8_192;

    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private final Consumer<String> each;

    Lines(Consumer<String> each) {
        this.each = each;
    }

    @Override
    public void write(int at) {
        if (at != '\n') {
            line.write(at);
        }
        if (at == '\n' || line.size() >= LONGEST) {
            each.accept(line.toString(UTF_8));
            line.reset();
            if (Thread.currentThread().isInterrupted()) {
                throw new IllegalStateException("it was printing"); // in a single step, which nothing else ends
            }
        }
    }
}
