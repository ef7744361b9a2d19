package io.paillette.benchmarks;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** All rounds of the group measurements on one broker; its groups have the same names whichever broker it is. */
final class GroupsRun {

    /** What can be left out. */
    enum Part {
        CLASSIC,
        CONSUMER,
        COMMITS,
        ROLL
    }

    /** @param epoch that the groups came to, on average: how often they were told anew who reads what */
    record Join(double seconds, double epoch, Cost cost) {}

    private final Broker broker;
    private final GroupScale scale;
    private final GroupCommits.Plan plan;
    private final Set<Part> parts;
    private final Map<GroupProtocol, List<Join>> joins = new EnumMap<>(GroupProtocol.class);
    private final Map<String, List<GroupCommits.Result>> commits = new LinkedHashMap<>();
    private final Map<GroupProtocol, RollRun.Result> rolls = new EnumMap<>(GroupProtocol.class);

    GroupsRun(Broker broker, GroupScale scale, GroupCommits.Plan plan, Set<Part> parts) {
        this.broker = broker;
        this.scale = scale;
        this.plan = plan;
        this.parts = parts;
    }

    /** So that the code of broker and client is compiled; does not count. */
    void warmUp() {
        Topics.create(broker, GroupScale.TOPIC, scale.partitions());
        note("warming up");
        var brief = new GroupCommits.Plan(plan.rate(), 0, Math.max(1, plan.warmUpSeconds()));
        var warmUp = new GroupsRun(broker, scale, brief, parts);
        warmUp.round("warm-up");
    }

    void round(String name) {
        broker.settle();
        if (parts.contains(Part.CLASSIC) || parts.contains(Part.COMMITS)) {
            try (var set = new GroupSet(broker, scale, GroupProtocol.CLASSIC, "classic-" + name)) {
                join(set, name, GroupProtocol.CLASSIC);
                if (parts.contains(Part.COMMITS)) {
                    commit(set);
                }
                set.leave();
            }
        }
        if (parts.contains(Part.CONSUMER)) {
            try (var set = new GroupSet(broker, scale, GroupProtocol.CONSUMER, "consumer-" + name)) {
                join(set, name, GroupProtocol.CONSUMER);
                set.leave();
            }
        }
    }

    private void join(GroupSet set, String round, GroupProtocol protocol) {
        Cost before = broker.cost();
        double seconds = set.join();
        var join = new Join(seconds, set.meanEpoch(), broker.cost().since(before));
        note(String.format(Locale.ROOT, "%s, round %s: joined in %.2f s", protocol.title(), round, seconds));
        joins.computeIfAbsent(protocol, unused -> new ArrayList<>()).add(join);
    }

    private void commit(GroupSet set) {
        broker.settle();
        record(plan.rate() + "/s", new GroupCommits(plan, scale, broker, set).steadily());
        // The same when each group has one member.
        for (int underWay : new TreeSet<>(List.of(scale.groups(), scale.allMembers()))) {
            broker.settle();
            record(underWayTitle(underWay), new GroupCommits(plan, scale, broker, set).withUnderWay(underWay));
        }
    }

    static String underWayTitle(int underWay) {
        return underWay + " under way";
    }

    private void record(String load, GroupCommits.Result result) {
        note(String.format(
                Locale.ROOT,
                "commits, %s: %,.0f/s, p99 %s ms",
                load,
                result.perSecond(),
                result.latency().text(0.99)));
        commits.computeIfAbsent(load, unused -> new ArrayList<>()).add(result);
    }

    /**
     * Restarts the broker.
     *
     * @throws IllegalStateException when an acknowledged offset is lost
     */
    void roll() {
        for (GroupProtocol protocol : GroupProtocol.values()) {
            note(protocol.title() + ": restarting member after member");
            rolls.put(protocol, new RollRun(broker, scale, protocol).run());
        }
    }

    private void note(String text) {
        Say.note(broker.title() + ": " + text);
    }

    /** Of every round that counts. */
    Map<GroupProtocol, List<Join>> joins() {
        return joins;
    }

    /** By load. */
    Map<String, List<GroupCommits.Result>> commits() {
        return commits;
    }

    Map<GroupProtocol, RollRun.Result> rolls() {
        return rolls;
    }
}
