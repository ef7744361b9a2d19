package io.paillette.testkit.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.paillette.testkit.proof.ProofRecord.Outcome;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** Only what a run has shown is written down as proven. */
class ProofRecorderTest {

    @TempDir
    Path root;

    @Test
    void eachTestThatProvesSomethingIsWrittenDownAsItEnded() {
        assertThat(recorded(AllKinds.class))
                .containsExactlyInAnyOrder(
                        passed("passes"),
                        passed("proves one thing"),
                        passed("proves another"),
                        passed("passes in each run"),
                        without(Outcome.FAILED, "fails", "AllKinds"),
                        without(Outcome.FAILED, "fails in one of its runs", "AllKinds"),
                        without(Outcome.SKIPPED, "is skipped", "AllKinds"),
                        without(Outcome.SKIPPED, "is aborted", "AllKinds"));
    }

    @Test
    void aTestOfAClassThatDoesNotComeToItsTestsProvesNothing() {
        assertThat(recorded(Broken.class)).containsExactly(without(Outcome.FAILED, "is never run", "Broken"));
        assertThat(recorded(LeftOut.class)).contains(without(Outcome.SKIPPED, "is left out", "LeftOut"));
    }

    @Test
    void theLastRunCounts() {
        var first = new ProofRecorder(proofs());
        run(first, AllKinds.class);
        run(first, AllKinds.class);
        assertThat(ProofRecord.all(root)).hasSize(8);
    }

    private static ProofRecord passed(String what) {
        return new ProofRecord(Outcome.PASSED, "client", Published.KAFKA_CLIENTS.version(), what, "AllKinds");
    }

    private static ProofRecord without(Outcome outcome, String what, String test) {
        return new ProofRecord(outcome, "client", "", what, test);
    }

    private List<ProofRecord> recorded(Class<?> test) {
        run(new ProofRecorder(proofs()), test);
        return ProofRecord.all(root);
    }

    private String proofs() {
        return root.resolve("module/target/proofs").toString();
    }

    private static void run(ProofRecorder recorder, Class<?> test) {
        var alone = LauncherConfig.builder()
                .enableTestExecutionListenerAutoRegistration(false)
                .build();
        LauncherFactory.create(alone)
                .execute(
                        LauncherDiscoveryRequestBuilder.request()
                                .selectors(DiscoverySelectors.selectClass(test))
                                .build(),
                        recorder);
    }

    static class AllKinds {

        @Test
        @Proves(client = "client", version = Published.KAFKA_CLIENTS, what = "passes")
        void passes() {}

        @Test
        @Proves(client = "client", version = Published.KAFKA_CLIENTS, what = "proves one thing")
        @Proves(client = "client", version = Published.KAFKA_CLIENTS, what = "proves another")
        void provesTwoThings() {}

        @ParameterizedTest
        @ValueSource(ints = {1, 2})
        @Proves(client = "client", version = Published.KAFKA_CLIENTS, what = "passes in each run")
        void passesInEachRun(int run) {
            assertThat(run).isPositive();
        }

        @Test
        @Proves(client = "client", version = Published.KAFKA_CLIENTS, what = "fails")
        void fails() {
            throw new AssertionError("on purpose");
        }

        @ParameterizedTest
        @ValueSource(ints = {1, 2, 3})
        @Proves(client = "client", version = Published.KAFKA_CLIENTS, what = "fails in one of its runs")
        void failsInOneOfItsRuns(int run) {
            assertThat(run).isNotEqualTo(2);
        }

        @Test
        @Disabled("on purpose")
        @Proves(client = "client", version = Published.KAFKA_CLIENTS, what = "is skipped")
        void isSkipped() {}

        @Test
        @Proves(client = "client", version = Published.KAFKA_CLIENTS, what = "is aborted")
        void isAborted() {
            assumeTrue(false);
        }

        @Test
        void provesNothing() {}
    }

    static class Broken {

        @BeforeAll
        static void fail() {
            throw new IllegalStateException("on purpose");
        }

        @Test
        @Proves(client = "client", version = Published.KAFKA_CLIENTS, what = "is never run")
        void isNeverRun() {}
    }

    @Disabled("on purpose")
    static class LeftOut {

        @Test
        @Proves(client = "client", version = Published.KAFKA_CLIENTS, what = "is left out")
        void isLeftOut() {}
    }
}
