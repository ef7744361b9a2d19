package io.paillette.broker.replay;

import io.paillette.broker.log.LogSlice;
import io.paillette.broker.log.Logs;
import io.paillette.broker.log.PartitionLog;
import io.paillette.broker.replay.CommittedRecords.Chunk;
import io.paillette.broker.replay.ConditionException.Why;
import io.paillette.broker.replay.ReplayStore.Step;
import io.paillette.broker.store.StoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.LongConsumer;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;
import org.apache.kafka.common.errors.OffsetOutOfRangeException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Goes on with a share: reads stored batches, asks Postgres which records match, and publishes those. For one thread. */
final class ShareWork {

    private static final Logger LOG = LoggerFactory.getLogger(ShareWork.class);

    private static final int READ_BYTES = 1 << 20;
    private static final int MOST_RECORDS = 5_000;
    private static final long CHUNK_BYTES = 4L << 20;

    private final ReplayStore store;
    private final Logs logs;
    private final Room room;
    private final LongConsumer published;
    private int recordsAtOnce = MOST_RECORDS;

    /** What is published of a share is out of the inbox before more is. */
    interface Room {

        /** False where nobody takes it, so that reading more would be in vain. */
        boolean isHoped(Share share);

        /** Waits for it. */
        boolean await(Share share);
    }

    ShareWork(ReplayStore store, Logs logs, Room room, LongConsumer published) {
        this.store = store;
        this.logs = logs;
        this.room = room;
        this.published = published;
    }

    private Optional<PartitionLog> led(Share share) {
        return logs.find(share.partition()).filter(log -> log.id() == share.partitionId());
    }

    /** @return whether it has gone on */
    boolean goOn(Share share) {
        Optional<PartitionLog> log = led(share);
        if (log.isEmpty() || share.target().partitionIds().isEmpty()) {
            return false; // another broker's; or the topic is gone, which is told when replays are settled
        }
        try {
            if (!room.isHoped(share)) {
                return false;
            }
            if (share.waiting()) {
                store.begin(share.replay());
            }
            return share.fromTimestamp().isPresent()
                    ? locate(share, log.get(), share.fromTimestamp().get())
                    : read(share, log.get());
        } catch (OffsetOutOfRangeException e) {
            return skip(share, log.get());
        } catch (NotLeaderOrFollowerException | KafkaStorageException e) {
            LOG.debug("replay {} of {} goes on later: {}", share.replay(), share.partition(), e.getMessage());
            return false;
        } catch (KafkaException e) {
            fail(share, share.next(), "its batch cannot be unpacked: " + e.getMessage());
            return false;
        } catch (StoreException e) {
            if (e.fate() == StoreException.Fate.REFUSED) {
                fail(share, share.next(), "this, or a record soon behind it, is not taken: " + e.getMessage());
            } else {
                LOG.debug("replay {} of {} goes on later", share.replay(), share.partition(), e); // health tells
            }
            return false; // the others go on
        } catch (RuntimeException e) {
            LOG.error("replay {} of {} cannot be done", share.replay(), share.partition(), e);
            fail(share, share.next(), "it, or a record soon behind it, cannot be replayed: " + e);
            return false; // one replay is no reason to end the broker, which would meet it again
        }
    }

    private boolean locate(Share share, PartitionLog log, long timestamp) {
        long found = join(log.firstAtOrAfter(timestamp)).offset();
        store.locate(share, found < 0 ? share.end() : found);
        return true;
    }

    private boolean read(Share share, PartitionLog log) {
        LogSlice slice = join(log.read(share.next(), READ_BYTES, true, IsolationLevel.READ_COMMITTED));
        long at = share.next();
        try (var records = new CommittedRecords(slice, at, share.end())) {
            for (Chunk chunk = next(records); chunk.next() > at; chunk = next(records)) {
                if (!publish(share, at, chunk)) {
                    return at > share.next();
                }
                at = chunk.next();
            }
        }
        // Compaction has left nothing up to the end. Before the end of what is stable a transaction is open, which is
        // waited for.
        if (at == share.next() && slice.lastStableOffset() >= share.end()) {
            return store.advance(share, new Step(at, share.end(), 0, 0, List.of()));
        }
        return at > share.next();
    }

    private Chunk next(CommittedRecords records) {
        return records.next(recordsAtOnce, CHUNK_BYTES);
    }

    private boolean publish(Share share, long at, Chunk chunk) {
        var matches = new ArrayList<ReplayedRecord>();
        Optional<Fault> fault = match(share, chunk.records(), matches);
        if (!room.await(share)) {
            return false;
        }
        long next = fault.map(Fault::offset).orElse(chunk.next());
        long looked = chunk.records().stream()
                .filter(record -> record.offset() < next)
                .count();
        if (!store.advance(share, new Step(at, next, looked, 0, matches))) {
            return false;
        }
        published.accept(matches.size());
        fault.ifPresent(found -> fail(share, found.offset(), found.message()));
        return fault.isEmpty();
    }

    private record Fault(long offset, String message) {}

    /** Those that match, up to the first of which it cannot be said, or which cannot be published. */
    private Optional<Fault> match(Share share, List<StoredRecord> records, List<ReplayedRecord> matches) {
        try {
            List<Integer> places = store.matching(share.condition(), share.partition(), records);
            recordsAtOnce = Math.min(MOST_RECORDS, 2 * recordsAtOnce);
            for (int place : places) {
                ReplayedRecord record = ReplayedRecord.of(records.get(place), share);
                Optional<String> refusal = record.refusal(share.target());
                if (refusal.isPresent()) {
                    return Optional.of(new Fault(record.record().offset(), refusal.get()));
                }
                matches.add(record);
            }
            return Optional.empty();
        } catch (ConditionException e) {
            if (e.why() == Why.NONE) {
                return Optional.of(new Fault(records.get(0).offset(), String.valueOf(e.getMessage())));
            }
            if (e.why() == Why.LATE) {
                recordsAtOnce = Math.max(1, Math.min(recordsAtOnce, records.size() / 2));
            }
            if (records.size() == 1) {
                return Optional.of(new Fault(records.get(0).offset(), "the condition fails: " + e.getMessage()));
            }
            int half = records.size() / 2;
            Optional<Fault> first = match(share, records.subList(0, half), matches);
            return first.isPresent() ? first : match(share, records.subList(half, records.size()), matches);
        }
    }

    /** Retention was faster. */
    private boolean skip(Share share, PartitionLog log) {
        long next = Math.min(log.logStartOffset(), share.end());
        return next > share.next()
                && store.advance(share, new Step(share.next(), next, 0, next - share.next(), List.of()));
    }

    private void fail(Share share, long offset, String why) {
        String fault =
                "at offset " + offset + " of partition " + share.partition().partition() + ": " + why;
        LOG.warn(
                "replay {} of topic {} has failed {}",
                share.replay(),
                share.partition().topic(),
                fault);
        store.fail(share.replay(), fault);
    }

    private static <T> T join(CompletableFuture<T> answer) {
        try {
            return answer.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            if (e.getCause() instanceof Error cause) {
                throw cause;
            }
            throw e;
        }
    }
}
