package io.paillette.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.testkit.BrokerProcess;
import java.time.Duration;
import java.util.Random;
import org.awaitility.Awaitility;

/** What happens to a broker, from outside. */
enum Strike {
    SIGKILL,
    SIGSTOP,
    SIGTERM,
    CUT;

    private static final Duration LONGER_THAN_THE_SESSION = Duration.ofSeconds(5);
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    static Strike any(Random random) {
        return values()[random.nextInt(values().length)];
    }

    /** Returns when the broker is back. */
    void hit(Trio trio, BrokerProcess broker) {
        switch (this) {
            case SIGKILL -> {
                broker.kill();
                broker.start();
            }
            case SIGTERM -> {
                assertThat(broker.terminate()).as(() -> broker.jvm().output()).isZero();
                broker.start();
            }
            case SIGSTOP -> {
                broker.freeze();
                long thaw = System.nanoTime() + LONGER_THAN_THE_SESSION.toNanos();
                Awaitility.await().atMost(PATIENCE).until(() -> System.nanoTime() - thaw > 0);
                broker.thaw();
            }
            case CUT ->
                trio.database.execute("select pg_terminate_backend(pid) from pg_stat_activity"
                        + " where datname = current_database() and pid <> pg_backend_pid()");
        }
    }
}
