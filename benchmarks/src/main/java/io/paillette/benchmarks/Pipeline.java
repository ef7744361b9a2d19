package io.paillette.benchmarks;

import io.paillette.testkit.ChildJvm;
import java.util.List;

/**
 * A way from the tables of schema public of one database to topics {@code app.public.<table>}: Paillette, or a Connect
 * worker and an Apache Kafka. Started when made.
 */
interface Pipeline extends AutoCloseable {

    /** For {@code bootstrap.servers}. */
    String bootstrap();

    /** Ends capture in good order; the slot goes on holding the WAL. */
    void stop();

    /** Capture again from where it was; returns when the process says that it is up. */
    void start();

    /** All its processes, without Postgres. */
    List<ChildJvm> processes();

    @Override
    void close();
}
