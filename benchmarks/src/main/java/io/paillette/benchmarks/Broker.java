package io.paillette.benchmarks;

import io.paillette.testkit.ChildJvm;

/** A broker whose log is measured, alone with whatever it stores to. Started when made; files and port stay. */
sealed interface Broker extends AutoCloseable permits PailletteBroker, KafkaBroker {

    /** For the tables. */
    String title();

    /** For {@code bootstrap.servers}. */
    String bootstrap();

    ChildJvm jvm();

    /** What broker and store have used since they were started. */
    Cost cost();

    /** Has the dirty pages of what came before written, so that what is measured next does not pay for them. */
    void settle();

    /** Ends it and what it stores to, in good order. */
    void stop();

    /** Again after {@link #stop}; returns when it is ready. */
    void start();

    @Override
    void close();
}
