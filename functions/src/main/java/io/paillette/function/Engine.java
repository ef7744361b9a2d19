package io.paillette.function;

import java.time.Duration;

/** What runs a file of functions. For one thread at a time, but for {@link #interrupt()}. */
sealed interface Engine extends AutoCloseable permits JavaScript, WebAssembly {

    /**
     * Once, before the first call.
     *
     * @throws FunctionException where the file is none, fails, or defines none of the functions
     */
    void evaluate() throws FunctionException;

    /**
     * After a call that was late the file is evaluated anew.
     *
     * @throws FunctionException when a function fails, returns what it may not, or takes longer
     */
    Outcome call(byte[] change, Duration within) throws FunctionException;

    /** From any thread: a call that is under way ends soon, with an exception. */
    void interrupt();

    @Override
    void close();
}
