package io.paillette.function;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.paillette.function.Outcome.Dropped;
import io.paillette.function.Outcome.Header;
import io.paillette.function.Outcome.Kept;
import io.paillette.function.Outcome.Routing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
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

/** A file of JavaScript, run by GraalJS. What it keeps in variables stays from call to call. */
final class JavaScript implements Engine {

    private static final Dropped DROPPED = new Dropped();

    private final Source source;
    private final Sandbox sandbox;
    private final TimeLimit timer;
    private final Duration toEvaluate;
    private final Faults faults;

    private volatile @Nullable Context context;
    private @Nullable Value call;

    /** @param toEvaluate how long the file may take, once JavaScript is loaded */
    JavaScript(String name, String text, Duration toEvaluate, Consumer<String> printed) {
        this.source = Source.newBuilder(Sandbox.LANGUAGE, text, name).buildLiteral();
        this.sandbox = new Sandbox(new Lines(printed));
        this.timer = new TimeLimit(name, this::end);
        this.toEvaluate = toEvaluate;
        this.faults = new Faults(name);
    }

    @Override
    public void evaluate() throws FunctionException {
        var unused = ready();
    }

    @Override
    public Outcome call(byte[] change, Duration within) throws FunctionException {
        String text = new String(ExactNumbers.ofDoubles().quoted(change), UTF_8);
        Value known = call;
        Value called = known == null ? ready() : known;
        return within(within, () -> outcome(called.execute(text), change), faults::ofCall);
    }

    /** What each function is given and gives back is text: objects of Java in JavaScript's hands would cost more. */
    private Value ready() throws FunctionException {
        Context fresh = sandbox.newContext();
        context = fresh;
        Value made = Sandbox.call(fresh); // as long as it takes to load JavaScript
        List<Value> named = within(
                toEvaluate,
                () -> {
                    fresh.eval(source);
                    Value all = Sandbox.names(fresh);
                    return List.of(all.getArrayElement(0), all.getArrayElement(1), all.getArrayElement(2));
                },
                faults::ofFile);
        requireFunctions(named);
        Value ready = made.execute(named.get(0), named.get(1), named.get(2), Answers.ROUTING);
        call = ready;
        return ready;
    }

    private void requireFunctions(List<Value> named) throws FunctionException {
        boolean any = false;
        Iterator<Value> values = named.iterator();
        for (FunctionName name : FunctionName.values()) {
            Value value = values.next();
            boolean defined = !value.isNull();
            if (defined && !value.canExecute()) {
                throw faults.ofFile(name.text() + " has to be a function");
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

    @Override
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
        Value topic = answer.getArrayElement(4);
        int partition = answer.getArrayElement(3).asInt();
        var headers = new ArrayList<Header>();
        for (long i = 5; i < answer.getArraySize(); i += 2) {
            Value header = answer.getArrayElement(i + 1);
            headers.add(new Header(answer.getArrayElement(i).asString(), header.isNull() ? null : header.asString()));
        }
        return new Kept(
                value(answer.getArrayElement(0), change),
                new Routing(
                        topic.isNull() ? Optional.empty() : Optional.of(topic.asString()),
                        key(answer.getArrayElement(1), answer.getArrayElement(2)),
                        partition < 0 ? OptionalInt.empty() : OptionalInt.of(partition),
                        headers));
    }

    private static byte @Nullable [] value(Value told, byte[] change) {
        if (told.isBoolean()) {
            return change;
        }
        String json = told.asString();
        return json.equals("null") ? null : json.getBytes(UTF_8);
    }

    private static Optional<Outcome.Key> key(Value kind, Value text) {
        int is = kind.asInt();
        return is == 0
                ? Optional.empty()
                : Optional.of(
                        new Outcome.Key(text.isNull() ? null : text.asString().getBytes(UTF_8), is == 2));
    }

    @Override
    public void close() {
        timer.close();
        sandbox.close();
    }
}
