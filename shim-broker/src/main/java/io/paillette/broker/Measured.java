package io.paillette.broker;

import io.paillette.broker.api.ApiHandlers;
import io.paillette.broker.feed.FeedState;
import io.paillette.broker.feed.FeedState.Phase;
import io.paillette.broker.feed.SourceFeeds;
import io.paillette.broker.inbox.Inbox;
import io.paillette.broker.log.Logs;
import io.paillette.broker.metrics.Metric;
import io.paillette.broker.metrics.Metrics;
import io.paillette.broker.net.SocketServer;
import io.paillette.broker.postgres.Store;
import io.paillette.broker.replay.Replays;
import io.paillette.broker.txn.TransactionEnds;
import io.paillette.broker.txn.Transactions;
import io.paillette.broker.wire.RequestCounts;
import io.paillette.broker.wire.RequestCounts.Count;
import io.paillette.capture.ReadingState;
import io.paillette.capture.SlotState;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** Which part of the broker each metric is read from. */
record Measured(Metrics metrics) {

    private static final double NANOS = 1e9;

    void requests(RequestCounts counts) {
        metrics.add(Metric.REQUESTS, () -> byApi(counts, Count::requests));
        metrics.add(Metric.REQUEST_FAILURES, () -> byApi(counts, Count::failures));
        metrics.add(Metric.REQUEST_SECONDS, () -> byApi(counts, count -> count.nanos() / NANOS));
        metrics.add(Metric.REQUEST_BYTES, () -> byApi(counts, Count::requestBytes));
        metrics.add(Metric.RESPONSE_BYTES, () -> byApi(counts, Count::responseBytes));
    }

    private static Map<String, Double> byApi(RequestCounts counts, ToDoubleFunction<Count> value) {
        var values = new HashMap<String, Double>();
        counts.snapshot().forEach((api, count) -> values.put(api.name, value.applyAsDouble(count)));
        return values;
    }

    void sockets(SocketServer sockets) {
        metrics.add(Metric.CONNECTIONS, () -> sockets.load().connections());
        metrics.add(Metric.HELD_REQUEST_BYTES, () -> sockets.load().requestBytes());
        metrics.add(Metric.HELD_RESPONSE_BYTES, () -> sockets.load().responseBytes());
    }

    void log(Logs logs, ApiHandlers handlers) {
        metrics.add(Metric.WAITING_APPEND_BYTES, logs::waitingAppendBytes);
        metrics.add(Metric.APPEND_GROUPS, () -> logs.appendCounts().groups());
        metrics.add(Metric.APPENDS, () -> logs.appendCounts().appends());
        metrics.add(Metric.APPENDED_BYTES, () -> logs.appendCounts().bytes());
        metrics.add(Metric.APPEND_SECONDS, () -> logs.appendCounts().nanos() / NANOS);
        metrics.add(Metric.TAIL_CACHE_BYTES, () -> logs.tailCacheCounts().bytes());
        metrics.add(Metric.TAIL_CACHE_HITS, () -> logs.tailCacheCounts().hits());
        metrics.add(Metric.TAIL_CACHE_MISSES, () -> logs.tailCacheCounts().misses());
        metrics.add(Metric.WAITING_FETCHES, handlers::waitingFetches);
    }

    void transactions(Transactions transactions, TransactionEnds ends) {
        metrics.add(Metric.TRANSACTIONS_COMPLETED, ends::completed);
        metrics.add(Metric.TRANSACTIONS_TIMED_OUT, transactions::timedOut);
        metrics.add(Metric.WAITING_MARKERS, ends::underWay);
    }

    void inbox(Inbox inbox) {
        metrics.add(Metric.INBOX_RECORDS, inbox::moved);
    }

    void replays(Replays replays) {
        metrics.add(Metric.REPLAY_RECORDS, replays::published);
    }

    void feeds(Supplier<List<FeedState>> feeds) {
        metrics.add(Metric.FEED_RECORDS, () -> bySource(feeds, FeedState::records));
        metrics.add(Metric.FEED_RUNNING, () -> bySource(feeds, state -> state.phase() == Phase.RUNNING ? 1 : 0));
        metrics.add(
                Metric.FEED_STOPPED_SEQUENCES,
                () -> bySource(feeds, state -> state.stopped().stream()
                        .filter(sequence -> !sequence.reason().isEmpty())
                        .count()));
        metrics.add(Metric.FEED_LAG_BYTES, () -> feeds.get().stream()
                .filter(state -> state.lagBytes().isPresent())
                .collect(Collectors.toMap(
                        FeedState::source, state -> (double) state.lagBytes().getAsLong())));
        metrics.add(Metric.FEED_RETAINED_WAL_BYTES, () -> feeds.get().stream()
                .filter(state -> state.slot().isPresent())
                .collect(Collectors.toMap(
                        FeedState::source, state -> (double) state.slot().get().retainedBytes())));
        metrics.add(Metric.FEED_UNREAD_TABLES, () -> reading(feeds, state -> state.tables() - state.tablesRead()));
        metrics.add(Metric.FEED_ROWS_READ, () -> reading(feeds, ReadingState::rows));
        metrics.add(Metric.FEED_ESTIMATED_ROWS, () -> reading(feeds, ReadingState::estimatedRows));
        metrics.add(
                Metric.FEED_SLOT_WARNING,
                () -> bySource(
                        feeds, state -> state.slot().flatMap(SlotState::warning).isPresent() ? 1 : 0));
    }

    void sequences(SourceFeeds feeds) {
        metrics.add(Metric.SEQUENCE_DROPPED, feeds::dropped);
        metrics.add(Metric.SEQUENCE_DEAD_LETTERS, feeds::deadLetters);
    }

    private static Map<String, Double> reading(Supplier<List<FeedState>> feeds, ToDoubleFunction<ReadingState> value) {
        return feeds.get().stream()
                .filter(state -> state.reading().isPresent())
                .collect(Collectors.toMap(
                        FeedState::source,
                        state -> value.applyAsDouble(state.reading().get())));
    }

    private static Map<String, Double> bySource(Supplier<List<FeedState>> feeds, ToDoubleFunction<FeedState> value) {
        return feeds.get().stream().collect(Collectors.toMap(FeedState::source, value::applyAsDouble));
    }

    void store(Store store) {
        metrics.add(Metric.STORE_CALLS, store::calls);
        metrics.add(Metric.STORE_FAULTS, store::faults);
        metrics.add(Metric.STORE_SECONDS, store::seconds);
        metrics.add(Metric.POOL_ACTIVE, store::activeConnections);
        metrics.add(Metric.POOL_IDLE, store::idleConnections);
        metrics.add(Metric.POOL_WAITING, store::waitingThreads);
        metrics.add(Metric.XMIN_AGE, () -> store.statistics().value("xmin_age"));
        metrics.add(Metric.TRANSACTION_SECONDS, () -> store.statistics().value("transaction_seconds"));
        metrics.add(Metric.FROZEN_XID_AGE, () -> store.statistics().value("frozenxid_age"));
        metrics.add(Metric.INBOX_SECONDS, () -> store.statistics().value("inbox_seconds"));
        metrics.add(Metric.SCHEMA_BYTES, () -> store.statistics().value("schema_bytes"));
        metrics.add(Metric.DEAD_ROWS, () -> store.statistics().deadRows());
        metrics.add(Metric.HOT_UPDATE_RATIO, () -> store.statistics().hotUpdateRatio());
        metrics.add(Metric.RETAINED_WAL_BYTES, () -> store.statistics().retainedWal());
    }
}
