package io.paillette.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.ToDoubleFunction;

/** What the group measurements have to show, and the goals. */
final class GroupsTables {

    private static final double GOAL_JOIN_SECONDS = 10;
    private static final double GOAL_COMMIT_MILLIS = 20;
    private static final double GOAL_THROUGHPUT = 0.8;

    private final Brokers brokers;
    private final GroupScale scale;
    private final GroupCommits.Plan plan;

    GroupsTables(Brokers brokers, GroupScale scale, GroupCommits.Plan plan) {
        this.brokers = brokers;
        this.scale = scale;
        this.plan = plan;
    }

    void print(PerBroker<GroupsRun> runs) {
        GroupsRun ours = runs.of(brokers.paillette());
        printJoins(runs, ours);
        printCommits(runs, ours);
        printRolls(runs, ours);
        Say.print("");
        judge(runs, ours);
    }

    private void printJoins(PerBroker<GroupsRun> runs, GroupsRun ours) {
        if (ours.joins().isEmpty()) {
            return;
        }
        var table = new TextTable(
                "join, " + scale.allMembers() + " members",
                "s",
                "fastest",
                "slowest",
                "epochs",
                "broker CPU s",
                "Postgres CPU s",
                "broker peak MB");
        ours.joins()
                .keySet()
                .forEach(protocol -> runs.forEach((broker, run) -> {
                    var joins = Objects.requireNonNull(run.joins().get(protocol));
                    Cost cost =
                            Cost.median(joins.stream().map(GroupsRun.Join::cost).toList());
                    table.row(
                            protocol.title() + ": " + broker.title(),
                            Figure.hundredths(Cost.median(joins, GroupsRun.Join::seconds)),
                            Figure.hundredths(joins.stream()
                                    .mapToDouble(GroupsRun.Join::seconds)
                                    .min()
                                    .orElseThrow()),
                            Figure.hundredths(joins.stream()
                                    .mapToDouble(GroupsRun.Join::seconds)
                                    .max()
                                    .orElseThrow()),
                            Figure.tenths(Cost.median(joins, GroupsRun.Join::epoch)),
                            Figure.hundredths(cost.brokerSeconds()),
                            Figure.hundredths(cost.postgresSeconds()),
                            String.valueOf(cost.peakMegabytes()));
                }));
        Say.print("\n" + table.toString().stripTrailing());
    }

    private void printCommits(PerBroker<GroupsRun> runs, GroupsRun ours) {
        if (ours.commits().isEmpty()) {
            return;
        }
        var table = new TextTable(
                "commits",
                "commits/s",
                "slowest",
                "fastest",
                "p50 ms",
                "p99 ms",
                "max ms",
                "broker CPU %",
                "Postgres CPU %",
                "client CPU %");
        ours.commits()
                .keySet()
                .forEach(load -> runs.forEach((broker, run) -> {
                    var results = commits(run, load);
                    Cost cost = Cost.median(
                            results.stream().map(GroupCommits.Result::cost).toList());
                    table.row(
                            load + ": " + broker.title(),
                            Figure.whole(Cost.median(results, GroupCommits.Result::perSecond)),
                            Figure.whole(results.stream()
                                    .mapToDouble(GroupCommits.Result::perSecond)
                                    .min()
                                    .orElseThrow()),
                            Figure.whole(results.stream()
                                    .mapToDouble(GroupCommits.Result::perSecond)
                                    .max()
                                    .orElseThrow()),
                            Figure.tenths(latency(results, 0.5)),
                            Figure.tenths(latency(results, 0.99)),
                            Figure.tenths(latency(results, 1)),
                            percent(cost.brokerSeconds()),
                            percent(cost.postgresSeconds()),
                            percent(Cost.median(results, GroupCommits.Result::clientSeconds)));
                }));
        Say.print("\n" + table.toString().stripTrailing());
    }

    private static double latency(List<GroupCommits.Result> results, double share) {
        return Cost.median(results, result -> result.latency().milliseconds(share));
    }

    private String percent(double cpuSeconds) {
        return Figure.whole(100 * cpuSeconds / plan.allSeconds());
    }

    private static List<GroupCommits.Result> commits(GroupsRun run, String load) {
        return Objects.requireNonNull(run.commits().get(load), load);
    }

    private static void printRolls(PerBroker<GroupsRun> runs, GroupsRun ours) {
        if (ours.rolls().isEmpty()) {
            return;
        }
        var table = new TextTable(
                "every member restarted",
                "members",
                "s",
                "stable again p50 s",
                "max s",
                "commits",
                "refused",
                "offsets checked",
                "lost");
        ours.rolls()
                .keySet()
                .forEach(protocol -> runs.forEach((broker, run) -> {
                    var roll = Objects.requireNonNull(run.rolls().get(protocol));
                    table.row(
                            protocol.title() + ": " + broker.title(),
                            Figure.whole(roll.restarted()),
                            Figure.tenths(roll.seconds()),
                            Figure.tenths(roll.restarts().milliseconds(0.5) / 1e3),
                            Figure.tenths(roll.restarts().milliseconds(1) / 1e3),
                            Figure.whole((double) roll.commits()),
                            Figure.whole((double) roll.refused()),
                            Figure.whole(roll.checked()),
                            // A run that loses one does not come to its tables.
                            "0");
                }));
        Say.print("\n" + table.toString().stripTrailing());
    }

    private void judge(PerBroker<GroupsRun> runs, GroupsRun ours) {
        ours.joins().forEach((protocol, joins) -> {
            if (protocol == GroupProtocol.CLASSIC) {
                Goal.atMost(
                        "Paillette, " + protocol.title() + ", joined, s",
                        Cost.median(joins, GroupsRun.Join::seconds),
                        GOAL_JOIN_SECONDS);
            }
        });
        if (ours.commits().isEmpty()) {
            return;
        }
        var steady = new ArrayList<>(ours.commits().keySet()).get(0);
        Goal.atMost(
                "Paillette, " + steady + ", commit p99, ms", latency(commits(ours, steady), 0.99), GOAL_COMMIT_MILLIS);
        brokers.kafka()
                .ifPresent(kafka -> Goal.atLeast(
                        "commits as fast as they go, Paillette / Apache Kafka",
                        highest(ours) / highest(runs.of(kafka)),
                        GOAL_THROUGHPUT));
    }

    /** Of the loads that go as fast as they can, each broker's better one. */
    private static double highest(GroupsRun run) {
        ToDoubleFunction<String> rate = load -> Cost.median(commits(run, load), GroupCommits.Result::perSecond);
        return run.commits().keySet().stream().skip(1).mapToDouble(rate).max().orElseThrow();
    }
}
