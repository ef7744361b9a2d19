package io.paillette.function;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * The functions {@code filter}, {@code transform} and {@code route} of a file, called with changes in the envelope
 * {@code change}. Each call has a limit of time. What the file keeps in variables of its own stays from call to call; a call that
 * takes too long is made once more, after the file was evaluated anew. For one thread at a time.
 */
public final class Functions implements AutoCloseable {

    public static final Duration LIMIT = Duration.ofSeconds(1);

    /** So many times the limit has what was late perhaps because the machine was, and the file itself. */
    private static final int PATIENCE = 10;

    private final Engine engine;
    private final Duration limit;

    private volatile boolean interrupted;

    private Functions(Engine engine, Duration limit) {
        this.engine = engine;
        this.limit = limit;
    }

    /**
     * @param name    of the file; what it ends with says in what it is written
     * @param limit   of each call
     * @param printed takes what functions print, line by line
     * @throws FunctionException where it is no such file, fails, or defines none of the three functions
     */
    public static Functions compile(String name, byte[] content, Duration limit, Consumer<String> printed)
            throws FunctionException {
        var functions = new Functions(engine(name, content, limit.multipliedBy(PATIENCE), printed), limit);
        boolean evaluated = false;
        try {
            functions.engine.evaluate();
            evaluated = true;
            return functions;
        } finally {
            if (!evaluated) {
                functions.close();
            }
        }
    }

    private static Engine engine(String name, byte[] content, Duration toEvaluate, Consumer<String> printed)
            throws FunctionException {
        Language language = Language.of(name).orElseThrow(() -> Where.file(name)
                .says(
                        "the end of its name says in what it is written, and has to be one of " + Language.endings(),
                        null));
        return switch (language) {
            case JAVASCRIPT -> new JavaScript(name, text(name, content), toEvaluate, printed);
            case LUA ->
                new WebAssembly(name, new LuaGuest(name, text(name, content).getBytes(UTF_8)), toEvaluate, printed);
            case WEBASSEMBLY -> new WebAssembly(name, new ModuleGuest(name, content), toEvaluate, printed);
        };
    }

    private static String text(String name, byte[] content) throws FunctionException {
        try {
            return UTF_8.newDecoder().decode(ByteBuffer.wrap(content)).toString();
        } catch (CharacterCodingException e) {
            throw Where.file(name).says("it has to be in UTF-8, and is not", e);
        }
    }

    /**
     * @param change JSON in the envelope {@code change}
     * @throws FunctionException when a function fails, returns what it may not, or takes too long and does so again with
     *                           ten times the time
     */
    public Outcome call(byte[] change) throws FunctionException {
        try {
            return engine.call(change, limit);
        } catch (FunctionException e) {
            if (!e.isLate() || interrupted) {
                throw e;
            }
        }
        return engine.call(change, limit.multipliedBy(PATIENCE));
    }

    /** From any thread: a call that is under way ends soon, with an exception. */
    public void interrupt() {
        interrupted = true;
        engine.interrupt();
    }

    @Override
    public void close() {
        engine.close();
    }
}
