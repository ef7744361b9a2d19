package io.paillette.broker;

import io.paillette.broker.cli.Paillette;
import io.paillette.broker.cli.SteadyLogging;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.LoggerFactory;

/** Entry point, and the only place that ends the JVM. */
public final class Main {

    private static final int FAULT = 1;
    private static final Duration LAST_PATIENCE = Duration.ofSeconds(15);

    private final CountDownLatch stop = new CountDownLatch(1);
    private final CountDownLatch done = new CountDownLatch(1);
    private final AtomicInteger exitCode = new AtomicInteger(1);
    private final Thread command = Thread.currentThread();
    /** Under the lock of this: an interrupt is for a start that is under way, never for the stop that follows. */
    private boolean waiting;

    private volatile boolean failed;

    private Main() {}

    /** Runs the command line; {@code -Dpaillette.home} is the directory of the launcher, the working directory without it. */
    public static void main(String[] arguments) {
        // Before the first logger: the logging framework looks at it once.
        System.setProperty("java.util.logging.manager", SteadyLogging.class.getName());
        new Main().run(arguments);
    }

    private void run(String[] arguments) {
        Runtime.getRuntime().addShutdownHook(new Thread(this::finish, "shutdown"));
        Thread.setDefaultUncaughtExceptionHandler(this::threadFailed);
        Path home = Path.of(System.getProperty("paillette.home", "")).toAbsolutePath();
        try {
            int code = Paillette.run(arguments, home, System::getenv, this::awaitStop, Broker::start);
            exitCode.set(failed ? FAULT : code);
        } finally {
            done.countDown();
            System.exit(exitCode.get());
        }
    }

    /**
     * Whatever a thread cannot deal with ends the process: better started again by whoever watches it than half alive. The
     * stop is as orderly as it can be, and ends in any case.
     */
    private void threadFailed(Thread thread, Throwable fault) {
        failed = true;
        try {
            LoggerFactory.getLogger(Main.class)
                    .error("thread {} has failed; Paillette stops with exit code {}", thread.getName(), FAULT, fault);
        } finally {
            var last = new Thread(Main::haltAfterPatience, "halt");
            last.setDaemon(true);
            last.start();
            stop.countDown();
            interruptStart();
        }
    }

    private static void haltAfterPatience() {
        LockSupport.parkNanos(LAST_PATIENCE.toNanos());
        Runtime.getRuntime().halt(FAULT);
    }

    private void awaitStop() {
        synchronized (this) {
            waiting = true;
        }
        try {
            stop.await();
        } catch (InterruptedException e) {
            // Meant for the start, which was over by then; it says the same: stop.
            stop.countDown();
        }
    }

    /**
     * Runs when a signal came, or when the command is over. After a signal the JVM would end with 128 + its number; an orderly
     * stop is a success.
     */
    private void finish() {
        try {
            if (done.getCount() > 0) {
                stop.countDown();
                interruptStart();
            }
            done.await();
            Runtime.getRuntime().halt(exitCode.get());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void interruptStart() {
        if (!waiting) {
            command.interrupt();
        }
    }
}
