package io.paillette.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.apache.kafka.common.protocol.Errors;

/**
 * Offset commits of members that have joined, each of one partition, in turn over the groups and their members: at a steady rate
 * whether the broker keeps up or not, or so many under way at any time.
 */
final class GroupCommits {

    private static final Duration STRAGGLERS = Duration.ofSeconds(60);

    /**
     * @param rate          commits a second of the steady measurement
     * @param warmUpSeconds before each measurement
     */
    record Plan(int rate, int warmUpSeconds, int seconds) {

        int allSeconds() {
            return warmUpSeconds + seconds;
        }
    }

    /**
     * @param perSecond     answered in the measured time
     * @param latency       to the answer: from the moment that the rate asks for, or from sending where nothing asks for one
     * @param cost          of warm-up and measured time
     * @param clientSeconds CPU of the benchmark's own process in that time
     */
    record Result(double perSecond, Quantiles latency, Cost cost, double clientSeconds) {}

    private final Plan plan;
    private final GroupScale scale;
    private final Broker broker;
    private final GroupSet set;

    private final LongStream.Builder latencies = LongStream.builder();
    private long measureFrom;
    private long measureUntil;
    private long started;
    private long answered;
    private long measured;

    /** @param set joined; one measurement each */
    GroupCommits(Plan plan, GroupScale scale, Broker broker, GroupSet set) {
        this.plan = plan;
        this.scale = scale;
        this.broker = broker;
        this.set = set;
    }

    /** Open loop. */
    Result steadily() {
        long commits = (long) plan.rate() * plan.allSeconds();
        return measure(() -> sendDue(System.nanoTime(), commits), commits);
    }

    /**
     * Closed loop.
     *
     * @param underWay at most one for each member
     */
    Result withUnderWay(int underWay) {
        return measure(
                () -> {
                    for (int slot = 0; slot < underWay; slot++) {
                        next(slot);
                    }
                },
                Long.MAX_VALUE);
    }

    private Result measure(Runnable begin, long commits) {
        Cost before = broker.cost();
        long clientBefore = clientNanos();
        long start = System.nanoTime();
        measureFrom = start + TimeUnit.SECONDS.toNanos(plan.warmUpSeconds());
        measureUntil = start + TimeUnit.SECONDS.toNanos(plan.allSeconds());
        begin.run();
        set.wire()
                .until(
                        () -> System.nanoTime() - measureUntil >= 0
                                && answered == started
                                && (started == commits || commits == Long.MAX_VALUE),
                        Duration.ofSeconds(plan.allSeconds()).plus(STRAGGLERS),
                        () -> answered + " of " + started + " commits are answered");
        double clientSeconds = (clientNanos() - clientBefore) / 1e9;
        return new Result(
                measured / (double) plan.seconds(),
                new Quantiles(latencies.build().toArray()),
                broker.cost().since(before),
                clientSeconds);
    }

    private static long clientNanos() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
    }

    /** What is late goes out at once: its latency begins when it was due. */
    private void sendDue(long begin, long commits) {
        long now = System.nanoTime();
        while (started < commits && due(begin) - now <= 0) {
            long due = due(begin);
            int slot = (int) (started % scale.allMembers());
            commit(slot, () -> measured(due, due));
        }
        if (started < commits) {
            set.wire().at(due(begin), () -> sendDue(begin, commits));
        }
    }

    private long due(long begin) {
        return begin + started * TimeUnit.SECONDS.toNanos(1) / plan.rate();
    }

    private void next(int slot) {
        long sent = System.nanoTime();
        if (sent - measureUntil >= 0) {
            return;
        }
        commit(slot, () -> {
            measured(sent, System.nanoTime());
            next(slot);
        });
    }

    /** @param counts the moment that says whether it belongs to the measured time */
    private void measured(long from, long counts) {
        if (counts - measureFrom >= 0 && counts - measureUntil < 0) {
            latencies.add(System.nanoTime() - from);
            measured++;
        }
    }

    private void commit(int slot, Runnable done) {
        Member member = set.groups().get(slot % scale.groups()).member(slot / scale.groups());
        List<Integer> owned = member.membership().partitions();
        long number = started++;
        int partition = owned.get((int) (number / scale.allMembers() % owned.size()));
        member.commit(Map.of(partition, number), errors -> {
            if (errors.get(partition) != Errors.NONE) {
                throw new IllegalStateException(
                        "a commit in a group where nothing changes was refused: " + errors.get(partition));
            }
            answered++;
            done.run();
        });
    }
}
