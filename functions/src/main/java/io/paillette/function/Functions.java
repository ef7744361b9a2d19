package io.paillette.function;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.paillette.function.Outcome.Dropped;
import io.paillette.function.Outcome.Header;
import io.paillette.function.Outcome.Kept;
import io.paillette.function.Outcome.Routing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.Value;
import org.jspecify.annotations.Nullable;

/**
 * The functions {@code filter}, {@code transform} and {@code route} of a file, called with changes in the envelope
 * {@code change}. Each call has a limit of time. What the file keeps in variables of its own stays from call to call; a call that
 * takes too long is made once more, after the file was evaluated anew. For one thread at a time.
 */
public final class Functions implements AutoCloseable {

    public static final Duration LIMIT = Duration.ofSeconds(1);

    /** So many times the limit has what was late perhaps because the machine was, and the file itself. */
    private static final int PATIENCE = 10;

    private static final Dropped DROPPED = new Dropped();
    private static final List<String> NAMES = List.of("filter", "transform", "route");

    private final Source source;
    private final Sandbox sandbox;
    private final TimeLimit timer;
    private final Duration limit;
    private final Faults faults;

    private volatile @Nullable Context context;
    private @Nullable Value call;

    private Functions(String name, String text, Duration limit, Consumer<String> printed) {
        this.source = Source.newBuilder(Sandbox.LANGUAGE, text, name).buildLiteral();
        this.sandbox = new Sandbox(new Lines(printed));
        this.timer = new TimeLimit(name, this::end);
        this.limit = limit;
        this.faults = new Faults(name);
    }

    /**
     * @param name    of the file, for messages
     * @param limit   of each call
     * @param printed takes what functions print, line by line
     * @throws FunctionException where it is no JavaScript, fails, or defines none of the three functions
     */
    public static Functions compile(String name, String text, Duration limit, Consumer<String> printed)
            throws FunctionException {
        var functions = new Functions(name, text, limit, printed);
        try {
            functions.evaluate();
            return functions;
        } catch (FunctionException e) {
            functions.close();
            throw e;
        }
    }

    /**
     * @param change JSON in the envelope {@code change}
     * @throws FunctionException when a function throws, returns what it may not, or takes too long and does so again with
     *                           ten times the time
     */
    public Outcome call(byte[] change) throws FunctionException {
        String text = new String(ExactNumbers.quoted(change), UTF_8);
        try {
            return call(text, change, limit);
        } catch (FunctionException e) {
            if (!e.isLate()) {
                throw e;
            }
        }
        return call(text, change, limit.multipliedBy(PATIENCE));
    }

    private Outcome call(String text, byte[] change, Duration within) throws FunctionException {
        Value known = call;
        Value called = known == null ? evaluate() : known;
        return within(within, () -> outcome(called.execute(text), change), faults::ofCall);
    }

    /** What each function is given and gives back is text: objects of Java in JavaScript's hands would cost more. */
    private Value evaluate() throws FunctionException {
        Context fresh = sandbox.newContext();
        context = fresh;
        Value made = Sandbox.call(fresh); // as long as it takes to load JavaScript
        List<Value> named = within(
                limit.multipliedBy(PATIENCE),
                () -> {
                    fresh.eval(source);
                    Value all = Sandbox.names(fresh);
                    return List.of(all.getArrayElement(0), all.getArrayElement(1), all.getArrayElement(2));
                },
                faults::ofFile);
        requireFunctions(named);
        Value ready = made.execute(named.toArray());
        call = ready;
        return ready;
    }

    private void requireFunctions(List<Value> named) throws FunctionException {
        boolean any = false;
        for (int i = 0; i < named.size(); i++) {
            boolean defined = !named.get(i).isNull();
            if (defined && !named.get(i).canExecute()) {
                throw faults.ofFile(NAMES.get(i) + " has to be a function");
            }
            any |= defined;
        }
        if (!any) {
            throw faults.ofFile("it defines none of the functions filter, transform and route;"
                    + " write one as in: function filter(action, record, changes, metadata) { return true; }");
        }
    }

    private <T> T within(Duration limit, Supplier<T> task, Function<PolyglotException, FunctionException> fault)
            throws FunctionException {
        timer.begin(limit);
        try {
            T done = task.get();
            if (timer.endedByItself()) {
                return done;
            }
        } catch (PolyglotException e) {
            if (timer.endedByItself()) {
                throw fault.apply(e);
            }
            call = null;
            throw faults.late(e, limit);
        } catch (IllegalStateException e) { // closed before it had begun
            if (timer.endedByItself()) {
                throw e;
            }
        }
        call = null;
        throw faults.ofFileLate(limit);
    }

    /** From any thread: a call that is under way ends soon, with an exception. */
    public void interrupt() {
        end();
    }

    /** Runs on the thread of the limit. */
    private void end() {
        Context ended = context;
        if (ended != null) {
            ended.close(true);
        }
    }

    private static Outcome outcome(Value answer, byte[] change) {
        if (answer.isNull()) {
            return DROPPED;
        }
        if (!answer.hasArrayElements()) {
            return new Kept(value(answer, change), Routing.NONE);
        }
        Optional<Outcome.Key> key = answer.getArrayElement(1).asBoolean()
                ? Optional.of(new Outcome.Key(bytes(answer.getArrayElement(2))))
                : Optional.empty();
        int partition = answer.getArrayElement(3).asInt();
        var headers = new ArrayList<Header>();
        for (long i = 4; i < answer.getArraySize(); i += 2) {
            Value header = answer.getArrayElement(i + 1);
            headers.add(new Header(answer.getArrayElement(i).asString(), header.isNull() ? null : header.asString()));
        }
        return new Kept(
                value(answer.getArrayElement(0), change),
                new Routing(key, partition < 0 ? OptionalInt.empty() : OptionalInt.of(partition), headers));
    }

    private static byte @Nullable [] value(Value told, byte[] change) {
        if (told.isBoolean()) {
            return change;
        }
        String json = told.asString();
        return json.equals("null") ? null : json.getBytes(UTF_8);
    }

    private static byte @Nullable [] bytes(Value text) {
        return text.isNull() ? null : text.asString().getBytes(UTF_8);
    }

    @Override
    public void close() {
        timer.close();
        sandbox.close();
    }
}
