package io.paillette.broker.cli;

/** A broker that takes connections until it is closed. */
public interface RunningBroker extends AutoCloseable {

    ReadyLine readyLine();

    /** Answers what is under way, then stops everything. */
    @Override
    void close();
}
