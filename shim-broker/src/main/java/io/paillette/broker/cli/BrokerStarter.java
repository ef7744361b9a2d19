package io.paillette.broker.cli;

import io.paillette.broker.config.BrokerConfig;

/** Starts a broker: how the command line reaches it without knowing how it is put together. */
@FunctionalInterface
public interface BrokerStarter {

    /**
     * Returns when clients may connect; what was started before a failure is stopped again.
     *
     * @throws StartException when configuration or environment does not allow it
     */
    RunningBroker start(BrokerConfig config) throws StartException, InterruptedException;
}
