package io.paillette.broker.net;

import java.time.Duration;

/**
 * Bounds of the network side; every queue behind a socket has one.
 *
 * @param threads             processors per listener ({@code num.network.threads})
 * @param maxRequestBytes     a longer frame closes its connection ({@code socket.request.max.bytes})
 * @param maxIdle             a connection without traffic for so long is closed ({@code connections.max.idle.ms})
 * @param maxUnderWay         requests of one connection answered at the same time; Kafka's producers pipeline 5
 * @param maxUnsentBytes      answers of one connection built but not yet taken by its client; above it nothing more is read
 * @param requestBudgetBytes  requests held by all connections together ({@code queued.max.request.bytes})
 * @param responseBudgetBytes answers held for all connections together; above it each connection gets one at a time
 */
public record NetSettings(
        int threads,
        int maxRequestBytes,
        Duration maxIdle,
        int maxUnderWay,
        long maxUnsentBytes,
        long requestBudgetBytes,
        long responseBudgetBytes) {

    /** Kafka's defaults where Kafka has them; the budgets are an eighth of the heap each, Kafka's have no bound. */
    public static NetSettings defaults() {
        long eighth = Runtime.getRuntime().maxMemory() / 8;
        return new NetSettings(3, 100 << 20, Duration.ofMinutes(10), 10, 8L << 20, eighth, eighth);
    }

    public NetSettings withMaxIdle(Duration idle) {
        return new NetSettings(
                threads, maxRequestBytes, idle, maxUnderWay, maxUnsentBytes, requestBudgetBytes, responseBudgetBytes);
    }

    public NetSettings withMaxRequestBytes(int bytes) {
        return new NetSettings(
                threads, bytes, maxIdle, maxUnderWay, maxUnsentBytes, requestBudgetBytes, responseBudgetBytes);
    }

    public NetSettings withBudgets(long requestBytes, long responseBytes) {
        return new NetSettings(
                threads, maxRequestBytes, maxIdle, maxUnderWay, maxUnsentBytes, requestBytes, responseBytes);
    }
}
