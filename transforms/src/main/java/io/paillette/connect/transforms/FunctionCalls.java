package io.paillette.connect.transforms;

import io.paillette.connect.transforms.FunctionsConfig.Source;
import io.paillette.function.FunctionException;
import io.paillette.function.Functions;
import io.paillette.function.Outcome;
import org.apache.kafka.common.config.ConfigException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The functions of one file, with the broker's limits. For one thread. */
final class FunctionCalls implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(FunctionCalls.class);

    private final Functions functions;

    private FunctionCalls(Functions functions) {
        this.functions = functions;
    }

    /**
     * The languages are found through the thread's class loader, which of a worker's task is that of its connector.
     *
     * @throws ConfigException where the file is none, fails, or defines none of the functions
     */
    static FunctionCalls compile(Source source) {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(FunctionCalls.class.getClassLoader());
        try {
            return new FunctionCalls(Functions.compile(
                    source.name(), source.content(), Functions.LIMIT, line -> log.info("{}: {}", source.name(), line)));
        } catch (FunctionException e) {
            var refusal = new ConfigException("The functions cannot be called: " + e.getMessage());
            refusal.initCause(e);
            throw refusal;
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    Outcome call(byte[] change) throws FunctionException {
        return functions.call(change);
    }

    @Override
    public void close() {
        functions.close();
    }
}
