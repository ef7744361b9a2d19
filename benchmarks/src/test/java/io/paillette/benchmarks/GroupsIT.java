package io.paillette.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** Few members against a real broker: every part works, and no acknowledged offset is lost. */
final class GroupsIT {

    /** Heartbeats as they are by default would be most of the time. */
    private static final String OPTIONS = "groups --without-kafka --groups 3 --members 9 --partitions 4 --rate 100 "
            + "--seconds 1 --warm-up 0 --rounds 1 --heartbeat-ms 100 --set group.consumer.heartbeat.interval.ms=100 "
            + "--set group.consumer.min.heartbeat.interval.ms=100";

    @Test
    @Tag("proof")
    void membersJoinCommitAndAreRestarted() {
        assertThat(new CommandLine(new Main()).execute(OPTIONS.split(" "))).isZero();
    }
}
