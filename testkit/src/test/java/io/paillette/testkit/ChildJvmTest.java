package io.paillette.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ChildJvmTest {

    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final Path directory;

    ChildJvmTest(@TempDir Path directory) {
        this.directory = directory;
    }

    @Test
    void outputAndExitCodeOfAShortRunAreReturned() {
        assertThat(ChildJvm.run(command(Greeter.class, "hello"), LIMIT)).isEqualTo("hello\n");
        assertThatThrownBy(() -> ChildJvm.run(command(Greeter.class), LIMIT))
                .hasMessageContaining("ended with 1")
                .hasMessageContaining("ArrayIndexOutOfBounds");
    }

    @Test
    void aRunSeesOnlyItsOwnLinesOfASharedLog() {
        ChildJvm.run(command(Greeter.class, "first"), LIMIT);
        assertThat(ChildJvm.run(command(Greeter.class, "second"), LIMIT)).isEqualTo("second\n");
    }

    @Test
    void aLineThatNeverComesIsAnErrorAsSoonAsTheProcessEnds() {
        try (var jvm = ChildJvm.start(command(Greeter.class, "hello"))) {
            assertThatThrownBy(() -> jvm.awaitLine("bye", LIMIT)).hasMessageContaining("hello");
        }
    }

    @Test
    void aKilledChildIsGone() {
        var jvm = ChildJvm.start(command(Sleeper.class));
        jvm.awaitLine("asleep", LIMIT);
        jvm.kill();
        assertThat(jvm.isAlive()).isFalse();
    }

    @Test
    void aChildDiesWithItsParentEvenWhenTheParentIsKilled() {
        try (var parent = ChildJvm.start(command(Parent.class, directory.toString()))) {
            long child = Long.parseLong(parent.awaitLine("child ", LIMIT).substring("child ".length()));
            assertThat(ProcessHandle.of(child)).isPresent();
            parent.kill();
            await().atMost(LIMIT).until(() -> ProcessHandle.of(child)
                    .filter(ProcessHandle::isAlive)
                    .isEmpty());
        }
    }

    private ChildJvm.Command command(Class<?> main, String... arguments) {
        return command(main, directory, arguments);
    }

    private static ChildJvm.Command command(Class<?> main, Path directory, String... arguments) {
        return new ChildJvm.Command(
                main.getName(),
                List.of(System.getProperty("java.class.path")),
                List.of("-Xmx64m", "-XX:+UseSerialGC"),
                List.of(arguments),
                directory,
                directory.resolve(main.getSimpleName() + ".log"));
    }

    static final class Greeter {
        public static void main(String[] arguments) {
            System.out.println(arguments[0]);
        }
    }

    static final class Sleeper {
        public static void main(String[] arguments) throws InterruptedException {
            System.out.println("asleep");
            new CountDownLatch(1).await();
        }
    }

    static final class Parent {
        public static void main(String[] arguments) {
            var child = ChildJvm.start(command(Sleeper.class, Path.of(arguments[0])));
            child.awaitLine("asleep", LIMIT);
            System.out.println("child " + child.pid());
            child.awaitExit(LIMIT);
        }
    }
}
