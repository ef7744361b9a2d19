package io.paillette.function;

import com.dylibso.chicory.runtime.ExportFunction;
import com.dylibso.chicory.runtime.ImportFunction;
import com.dylibso.chicory.runtime.ImportValues;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.wasi.WasiExitException;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.ExternalType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A module of WebAssembly, run by Chicory, with nothing around it but what {@link Console} shows. A call is ended by interrupting
 * its thread. What the module keeps in its memory stays from call to call, until one of them traps, exits or is late.
 */
final class WebAssembly implements Engine {

    private static final String INITIALIZE = "_initialize";

    private final String name;
    private final Guest guest;
    private final Console console;
    private final TimeLimit timer;
    private final Duration toEvaluate;
    private final Semaphore ended = new Semaphore(0);

    private volatile Thread caller = Thread.currentThread();
    private volatile boolean interrupted;
    private @Nullable Program program;
    private @Nullable Running running;

    /** @param toEvaluate how long the module may take until it is ready, once it is compiled */
    WebAssembly(String name, Guest guest, Duration toEvaluate, Consumer<String> printed) {
        this.name = name;
        this.guest = guest;
        this.console = new Console(printed);
        this.timer = new TimeLimit(name, this::end);
        this.toEvaluate = toEvaluate;
    }

    private interface Task<T> {
        T run() throws FunctionException;
    }

    @Override
    public void evaluate() throws FunctionException {
        try {
            program = guest.program();
        } catch (OutOfMemoryError e) {
            throw Where.file(name)
                    .says(
                            "there is not enough memory to compile it (" + e.getMessage()
                                    + "): give more of it, as in -Xmx512m",
                            e);
        } catch (RuntimeException
                | Error e) { // what Chicory throws over a module that it does not take is of many kinds
            throw Where.file(name).says("it cannot be compiled: " + e, e);
        }
        var unused = start();
    }

    private Running start() throws FunctionException {
        Program compiled = Objects.requireNonNull(program, "evaluated");
        var made = new AtomicReference<Running>();
        var here = new AtomicReference<Instance>();
        List<ImportFunction> imports = new ArrayList<>(List.of(console.open().toHostFunctions()));
        imports.addAll(guest.imports(here::get));
        Running fresh = within(toEvaluate, made, () -> {
            Instance instance = compiled.newInstance(
                    ImportValues.builder().withFunctions(imports).build());
            here.set(instance);
            initialize(instance, compiled.module());
            var ready = new Running(name, instance, guest);
            made.set(ready);
            ready.define();
            return ready;
        });
        running = fresh;
        return fresh;
    }

    private static void initialize(Instance instance, WasmModule module) {
        for (int i = 0; i < module.exportSection().exportCount(); i++) {
            var export = module.exportSection().getExport(i);
            if (export.name().equals(INITIALIZE) && export.exportType() == ExternalType.FUNCTION) {
                ExportFunction initialize = instance.export(INITIALIZE);
                initialize.apply();
            }
        }
    }

    @Override
    public Outcome call(byte[] change, Duration within) throws FunctionException {
        Running known = running;
        Running called = known == null ? start() : known;
        return within(within, new AtomicReference<>(called), () -> called.call(change));
    }

    private <T> T within(Duration limit, AtomicReference<Running> runs, Task<T> task) throws FunctionException {
        console.forgetErrors();
        caller = Thread.currentThread();
        timer.begin(limit);
        if (interrupted) {
            timer.expire();
        }
        Throwable cause;
        try {
            T done = task.run();
            if (timer.endedByItself()) {
                return done;
            }
            cause = null;
        } catch (FunctionException e) {
            if (timer.endedByItself()) {
                throw e;
            }
            cause = e;
        } catch (RuntimeException | Error e) { // what Chicory throws is of many kinds
            running = null;
            if (timer.endedByItself()) {
                throw fault(where(runs.get()), e);
            }
            cause = e;
        }
        running = null;
        ended.acquireUninterruptibly();
        boolean unused = Thread.interrupted(); // it was meant for the module
        throw where(runs.get()).late(limit, cause);
    }

    private Where where(@Nullable Running runs) {
        return runs == null ? Where.file(name) : runs.where();
    }

    private FunctionException fault(Where where, Throwable e) {
        if (e instanceof OutOfMemoryError) {
            return where.says("it needs more memory than there is (" + e.getMessage() + ")", e);
        }
        String what =
                e instanceof WasiExitException exit ? "it has exited with code " + exit.exitCode() : e.getMessage();
        return new LastWords(console.errors()).fault(where, String.valueOf(what), e);
    }

    @Override
    public void interrupt() {
        interrupted = true;
        timer.expire();
    }

    /** On the thread that has found that it is time; the caller waits for it before it goes on. */
    private void end() {
        caller.interrupt();
        ended.release();
    }

    @Override
    public void close() {
        timer.close();
    }
}
