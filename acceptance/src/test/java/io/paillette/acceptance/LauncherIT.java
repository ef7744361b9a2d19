package io.paillette.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.testkit.Peer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher's own work, with a build and a Java that only say that they were called. */
class LauncherIT {

    private static final long LIMIT_SECONDS = 30;

    private @TempDir Path home;

    @BeforeEach
    void cloned() throws IOException {
        Files.copy(Peer.root().resolve("paillette"), home.resolve("paillette"));
        for (String source : new String[] {
            ".mvn/x",
            "capture/src/main/x",
            "functions/src/main/x",
            "structs/src/main/x",
            "shim-broker/src/main/x",
            "testkit/src/main/x"
        }) {
            Files.createDirectories(home.resolve(source).getParent());
        }
        for (String pom : new String[] {
            "pom.xml",
            "capture/pom.xml",
            "functions/pom.xml",
            "structs/pom.xml",
            "shim-broker/pom.xml",
            "testkit/pom.xml"
        }) {
            Files.writeString(home.resolve(pom), "");
        }
        program("bin/mvn", "echo built >> '%1$s/builds'; until [ -e '%1$s/go' ]; do sleep 0.1; done".formatted(home));
        program("jdk/bin/java", "echo started");
        Files.writeString(home.resolve("jdk/release"), "JAVA_VERSION=\"17.0.1\"\n");
    }

    @Test
    void twoStartedAtOnceBuildOnce() throws Exception {
        Process first = launch("first.log");
        Awaitility.await().atMost(LIMIT_SECONDS, TimeUnit.SECONDS).until(() -> Files.exists(home.resolve("builds")));
        Process second = launch("second.log");
        Awaitility.await().atMost(LIMIT_SECONDS, TimeUnit.SECONDS).until(() -> output("second.log")
                .contains("process " + first.pid() + " is building"));

        Files.createFile(home.resolve("go"));

        assertThat(exit(first)).as(output("first.log")).isZero();
        assertThat(exit(second)).as(output("second.log")).isZero();
        assertThat(output("builds")).isEqualTo("built\n");
        assertThat(output("first.log")).endsWith("started\n");
        assertThat(output("second.log")).endsWith("started\n");
    }

    @Test
    void whatABuildThatWasKilledLeftStopsNobody() throws Exception {
        Files.createFile(home.resolve("go"));
        Process gone = new ProcessBuilder("true").start();
        assertThat(exit(gone)).isZero();
        Files.createDirectory(home.resolve("target"));
        Files.createSymbolicLink(home.resolve("target/launcher.building"), Path.of(String.valueOf(gone.pid())));

        Process launcher = launch("launcher.log");

        assertThat(exit(launcher)).as(output("launcher.log")).isZero();
        assertThat(output("builds")).isEqualTo("built\n");
        assertThat(Files.isSymbolicLink(home.resolve("target/launcher.building")))
                .isFalse();
    }

    private void program(String path, String body) throws IOException {
        Path program = home.resolve(path);
        Files.createDirectories(program.getParent());
        Files.writeString(program, "#!/bin/sh\n" + body + "\n");
        assertThat(program.toFile().setExecutable(true)).isTrue();
    }

    private Process launch(String log) throws IOException {
        var launcher = new ProcessBuilder(home.resolve("paillette").toString(), "up")
                .redirectErrorStream(true)
                .redirectOutput(home.resolve(log).toFile());
        launcher.environment().put("JAVA_HOME", home.resolve("jdk").toString());
        launcher.environment().merge("PATH", home.resolve("bin").toString(), (path, ours) -> ours + ":" + path);
        return launcher.start();
    }

    private static int exit(Process process) throws InterruptedException {
        assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).as("ended").isTrue();
        return process.exitValue();
    }

    private String output(String file) throws IOException {
        return Files.readString(home.resolve(file));
    }
}
