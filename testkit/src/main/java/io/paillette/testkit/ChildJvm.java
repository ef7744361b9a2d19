package io.paillette.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/**
 * A real JVM beside this one, running a main class. It dies when this JVM does, however this JVM ends: a shell holds a
 * pipe from us, and kills the child when the pipe closes.
 */
public final class ChildJvm implements AutoCloseable {

    /**
     * What to run.
     *
     * @param classPath entries as {@code java -cp} takes them, so {@code lib/*} stands for all jars of a directory
     * @param directory the working directory
     * @param log       where output and errors go, appended
     */
    public record Command(
            String mainClass,
            List<String> classPath,
            List<String> jvmOptions,
            List<String> arguments,
            Path directory,
            Path log) {

        public Command {
            classPath = List.copyOf(classPath);
            jvmOptions = List.copyOf(jvmOptions);
            arguments = List.copyOf(arguments);
        }

        private List<String> line() {
            var line = new ArrayList<String>();
            line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            line.addAll(jvmOptions);
            line.add("-cp");
            line.add(String.join(System.getProperty("path.separator"), classPath));
            line.add(mainClass);
            line.addAll(arguments);
            return line;
        }
    }

    private final Command command;
    private final long logStart;
    private final Process process;

    private ChildJvm(Command command, long logStart, Process process) {
        this.command = command;
        this.logStart = logStart;
        this.process = process;
    }

    public static ChildJvm start(Command command) {
        try {
            Files.createDirectories(command.directory());
            long logStart = Files.exists(command.log()) ? Files.size(command.log()) : 0;
            Process process = new ProcessBuilder(command.line())
                    .directory(command.directory().toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(Redirect.appendTo(command.log().toFile()))
                    .start();
            watch(process);
            return new ChildJvm(command, logStart, process);
        } catch (IOException e) {
            throw new UncheckedIOException(command.mainClass() + " did not start", e);
        }
    }

    /** Runs to the end and returns what was written; an exit code other than 0 is an IllegalStateException. */
    public static String run(Command command, Duration limit) {
        try (ChildJvm jvm = start(command)) {
            int code = jvm.awaitExit(limit);
            if (code != 0) {
                throw new IllegalStateException(command.mainClass() + " ended with " + code + ":\n" + jvm.output());
            }
            return jvm.output();
        }
    }

    private static void watch(Process process) throws IOException {
        Process watcher = new ProcessBuilder("sh", "-c", "cat >/dev/null; kill -KILL " + process.pid() + " 2>/dev/null")
                .redirectOutput(Redirect.DISCARD)
                .redirectError(Redirect.DISCARD)
                .start();
        var unused = process.onExit().thenRun(() -> {
            // First the shell, so that a process id that was given away again is not hit; then its cat.
            List<ProcessHandle> children = watcher.children().toList();
            watcher.destroyForcibly();
            children.forEach(ProcessHandle::destroyForcibly);
        });
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** What this run wrote so far. */
    public String output() {
        try (var in = Files.newInputStream(command.log())) {
            in.skipNBytes(logStart);
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("log of " + command.mainClass() + " is unreadable", e);
        }
    }

    /**
     * Waits until this run wrote a line that contains {@code text}, and returns the line.
     *
     * @throws IllegalStateException with the end of the output when the process ended or the time is up before
     */
    public String awaitLine(String text, Duration limit) {
        try {
            return Awaitility.await()
                    .atMost(limit)
                    .pollInterval(Duration.ofMillis(50))
                    .until(() -> lineOrEnd(text), line -> !line.isEmpty());
        } catch (ConditionTimeoutException e) {
            throw new IllegalStateException("no \"" + text + "\" within " + limit + ":\n" + tail(), e);
        }
    }

    private String lineOrEnd(String text) {
        boolean alive = isAlive();
        var line = output().lines().filter(l -> l.contains(text)).findFirst();
        if (line.isEmpty() && !alive) {
            throw new IllegalStateException(
                    command.mainClass() + " ended with " + process.exitValue() + ":\n" + tail());
        }
        return line.orElse("");
    }

    private String tail() {
        String output = output();
        return output.substring(Math.max(0, output.length() - 8_000));
    }

    /** Waits for the end of the process and returns its exit code. */
    public int awaitExit(Duration limit) {
        try {
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IllegalStateException(command.mainClass() + " still runs after " + limit + ":\n" + tail());
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for " + command.mainClass(), e);
        }
    }

    /** SIGTERM; returns the exit code. */
    public int terminate(Duration limit) {
        process.destroy();
        return awaitExit(limit);
    }

    /** SIGKILL; returns when the process is gone. */
    public void kill() {
        process.destroyForcibly();
        var unused = awaitExit(Duration.ofSeconds(30));
    }

    /** SIGSTOP: from now on it does nothing, and knows nothing of it. */
    public void freeze() {
        signal("STOP");
    }

    /** SIGCONT. */
    public void thaw() {
        signal("CONT");
    }

    private void signal(String name) {
        try {
            int code = new ProcessBuilder("kill", "-" + name, String.valueOf(pid()))
                    .start()
                    .waitFor();
            if (code != 0) {
                throw new IllegalStateException("SIG" + name + " did not reach " + pid());
            }
        } catch (IOException e) {
            throw new UncheckedIOException("SIG" + name + " was not sent", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while sending SIG" + name, e);
        }
    }

    @Override
    public void close() {
        kill();
    }
}
