package io.paillette.broker;

import io.paillette.broker.cli.Paillette;
import io.paillette.broker.cli.SteadyLogManager;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** Entry point, and the only place that ends the JVM. */
public final class Main {

    private final CountDownLatch stop = new CountDownLatch(1);
    private final CountDownLatch done = new CountDownLatch(1);
    private final AtomicInteger exitCode = new AtomicInteger(1);
    private final Thread command = Thread.currentThread();

    private Main() {}

    /** Runs the command line; {@code -Dpaillette.home} is the directory of the launcher, the working directory without it. */
    public static void main(String[] arguments) {
        // Before the first logger: the logging framework looks at it once.
        System.setProperty("java.util.logging.manager", SteadyLogManager.class.getName());
        new Main().run(arguments);
    }

    private void run(String[] arguments) {
        Runtime.getRuntime().addShutdownHook(new Thread(this::finish, "shutdown"));
        Path home = Path.of(System.getProperty("paillette.home", "")).toAbsolutePath();
        try {
            exitCode.set(Paillette.run(arguments, home, System::getenv, this::awaitStop, Broker::start));
        } finally {
            done.countDown();
            System.exit(exitCode.get());
        }
    }

    private void awaitStop() {
        try {
            stop.await();
        } catch (InterruptedException e) {
            // finish() interrupts a start that is under way; that it was over by then changes nothing: stop.
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
                command.interrupt();
            }
            done.await();
            Runtime.getRuntime().halt(exitCode.get());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
