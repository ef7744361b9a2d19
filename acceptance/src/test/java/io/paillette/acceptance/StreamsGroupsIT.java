package io.paillette.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paillette.testkit.Peer;
import io.paillette.testkit.numbers.CountedNumbers;
import io.paillette.testkit.numbers.NumberWriter;
import io.paillette.testkit.proof.Proves;
import io.paillette.testkit.proof.Published;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.clients.admin.ListGroupsOptions;
import org.apache.kafka.clients.admin.StreamsGroupDescription;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.errors.GroupNotEmptyException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An application on Kafka Streams as published, with {@code group.protocol=streams}, and who looks at its group. */
class StreamsGroupsIT {

    private static final String TOOL = "org.apache.kafka.tools.streams.StreamsGroupCommand";
    private static final int PARTITIONS = 4;
    private static final int THREADS = 2;
    private static final int TASKS = 2 * PARTITIONS; // before and behind the repartition topic
    private static final long DIVISOR = 50;
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @TempDir
    Path directory;

    @Test
    @Tag("proof")
    @Proves(
            client = "Kafka Streams, `group.protocol=streams`",
            version = Published.KAFKA_STREAMS,
            what = "`exactly_once_v2`, an instance closed: the other takes its tasks, counts are exact")
    @Proves(
            client = "kafka-streams-groups",
            version = Published.KAFKA_4,
            what = "list, describe with offsets and members, delete with internal topics")
    void anInstanceTakesTheTasksOfOneThatIsClosedAndTheGroupIsListedDescribedAndDeleted() {
        try (var trio = Trio.of(1, StreamsApp.SOON_MISSED)) {
            List.of("numbers", "copies", "remainders").forEach(topic -> trio.create(topic, PARTITIONS));
            try (Admin admin = trio.admin();
                    var first = app(trio, "1");
                    var second = app(trio, "2");
                    var writer = NumberWriter.start(trio.bootstrap(), "numbers", PARTITIONS, Duration.ofMillis(20));
                    var counted = CountedNumbers.start(trio.bootstrap(), "copies", "remainders", DIVISOR, PARTITIONS)) {
                awaitMembers(admin, 2 * THREADS);
                awaitCounted(writer, counted);
                membersAreToldByTheTool(trio);
                assertThatThrownBy(() ->
                                admin.deleteStreamsGroups(List.of("app")).all().get())
                        .hasCauseInstanceOf(GroupNotEmptyException.class);

                first.terminate();
                awaitMembers(admin, THREADS);
                awaitCounted(writer, counted);

                writer.stop();
                awaitCountedSoFar(writer, counted);
                second.terminate();
                assertThat(counted.faults(writer)).isEmpty();
                theGroupIsDeletedWithItsTopics(trio, admin);
            }
        }
    }

    private StreamsApp app(Trio trio, String name) {
        var app = StreamsApp.start(trio.bootstrap(), "streams", "exactly_once_v2", DIVISOR, directory.resolve(name));
        app.awaitRunning();
        return app;
    }

    /** Until these are all, and work on all tasks. */
    private static void awaitMembers(Admin admin, int count) {
        Awaitility.await().atMost(PATIENCE).untilAsserted(() -> {
            StreamsGroupDescription group = describe(admin);
            assertThat(group.groupState()).isEqualTo(GroupState.STABLE);
            assertThat(group.members()).hasSize(count).allSatisfy(member -> assertThat(
                            member.assignment().activeTasks())
                    .isNotEmpty());
            assertThat(group.members().stream()
                            .flatMap(member -> member.assignment().activeTasks().stream())
                            .mapToInt(task -> task.partitions().size())
                            .sum())
                    .isEqualTo(TASKS);
        });
    }

    private static StreamsGroupDescription describe(Admin admin) {
        return Trio.get(admin.describeStreamsGroups(List.of("app")).all()).get("app");
    }

    private static void awaitCounted(NumberWriter writer, CountedNumbers counted) {
        long enough = writer.acknowledged() + 200;
        Awaitility.await().atMost(PATIENCE).until(() -> writer.acknowledged() > enough);
        awaitCountedSoFar(writer, counted);
    }

    private static void awaitCountedSoFar(NumberWriter writer, CountedNumbers counted) {
        var due = counted.due(writer);
        Awaitility.await().atMost(PATIENCE).until(() -> counted.has(due));
    }

    private void membersAreToldByTheTool(Trio trio) {
        assertThat(tool(trio).run(TOOL, "--list --state")).contains("app Stable");
        assertThat(tool(trio).run(TOOL, "--describe --group app")).contains("app numbers 3 ");
        assertThat(tool(trio).run(TOOL, "--describe --group app --members"))
                .contains("StreamThread-1-consumer ACTIVE: ", "StreamThread-2-consumer ACTIVE: ");
    }

    private void theGroupIsDeletedWithItsTopics(Trio trio, Admin admin) {
        Awaitility.await().atMost(PATIENCE).until(() -> describe(admin).groupState() == GroupState.EMPTY);
        assertThat(trio.database.query("select protocol from paillette.consumer_groups where group_id = 'app'"))
                .isEqualTo("streams");

        assertThat(tool(trio).run(TOOL, "--delete --group app --delete-all-internal-topics"))
                .contains("successful");

        assertThat(Trio.get(
                        admin.listGroups(ListGroupsOptions.forStreamsGroups()).all()))
                .extracting(GroupListing::groupId)
                .isEmpty();
        assertThat(Trio.get(admin.listTopics().names())).containsExactlyInAnyOrder("numbers", "copies", "remainders");
    }

    private KafkaTool tool(Trio trio) {
        return new KafkaTool(Peer.KAFKA_4, trio.bootstrap(), directory);
    }
}
