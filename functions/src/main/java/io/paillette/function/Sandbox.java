package io.paillette.function;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.Engine;
import org.graalvm.polyglot.SandboxPolicy;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.Value;

/** JavaScript with nothing around it: no Java, no files, no network, no threads, no processes, no environment. */
final class Sandbox implements AutoCloseable {

    static final String LANGUAGE = "js";

    private static final Source CALL = own("call.js");
    private static final Source NAMES = own("names.js");

    private final OutputStream printed;
    private final Engine engine;

    Sandbox(OutputStream printed) {
        this.printed = printed;
        this.engine = Engine.newBuilder(LANGUAGE)
                .sandbox(SandboxPolicy.CONSTRAINED)
                .in(new ByteArrayInputStream(new byte[0]))
                .out(printed)
                .err(printed)
                // On a plain JDK there is no compiler for it; what is said of that is said in the documentation.
                .option("engine.WarnInterpreterOnly", "false")
                .build();
    }

    /** Denies all that it is not told to allow, and refuses to be told what the policy does not allow. */
    Context newContext() {
        return Context.newBuilder(LANGUAGE)
                .engine(engine)
                .sandbox(SandboxPolicy.CONSTRAINED)
                .in(new ByteArrayInputStream(new byte[0]))
                .out(printed)
                .err(printed)
                .build();
    }

    /** What is to be called with the user's functions; before anything of the user's runs. Has been called once, to be loaded. */
    static Value call(Context context) {
        Value call = context.eval(CALL);
        Value nothing = context.eval(LANGUAGE, "undefined");
        var unused = call.execute(nothing, nothing, context.eval(LANGUAGE, "(() => ({}))"))
                .execute("{}");
        return call;
    }

    /** {@code filter}, {@code transform} and {@code route}, or undefined, as the user's file has left them. */
    static Value names(Context context) {
        return context.eval(NAMES);
    }

    static boolean isOwn(Source source) {
        return source.equals(CALL) || source.equals(NAMES);
    }

    private static Source own(String name) {
        try (InputStream in = Objects.requireNonNull(Sandbox.class.getResourceAsStream(name), name)) {
            return Source.newBuilder(LANGUAGE, new String(in.readAllBytes(), UTF_8), name)
                    .buildLiteral();
        } catch (IOException e) {
            throw new UncheckedIOException(name, e);
        }
    }

    @Override
    public void close() {
        engine.close(true);
    }
}
