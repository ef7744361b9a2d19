package io.paillette.function;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.dylibso.chicory.wasi.WasiOptions;
import com.dylibso.chicory.wasi.WasiPreview1;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.util.Random;
import java.util.function.Consumer;

/** All that modules see of the world: what they print goes to the lines, there is a clock, and nothing to read. */
final class Console {

    static final String MODULE = "wasi_snapshot_preview1";

    private static final int MOST_ERRORS = 16_384;

    private final ByteArrayOutputStream errors = new ByteArrayOutputStream();
    private final Lines lines;

    Console(Consumer<String> printed) {
        this.lines = new Lines(printed);
    }

    /** For one instance, which may close what it prints to. */
    WasiPreview1 open() {
        return WasiPreview1.builder()
                .withOptions(WasiOptions.builder()
                        .withStdout(lines, false)
                        .withStderr(new Errors(), false)
                        .withRandom(new Random())
                        .build())
                .build();
    }

    void forgetErrors() {
        errors.reset();
    }

    /** The beginning of what was written as errors since it was forgotten. */
    String errors() {
        return errors.toString(UTF_8);
    }

    private final class Errors extends OutputStream {

        @Override
        public void write(int at) {
            if (errors.size() < MOST_ERRORS) {
                errors.write(at);
            }
            lines.write(at);
        }
    }
}
