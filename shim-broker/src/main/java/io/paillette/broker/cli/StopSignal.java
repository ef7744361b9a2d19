package io.paillette.broker.cli;

/** The outside world's wish that a command ends. */
@FunctionalInterface
public interface StopSignal {

    /** Returns when the command should end in good order. */
    void await();
}
