package io.paillette.broker.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.awaitility.Awaitility;

/** The postmaster of an embedded Postgres, found by its {@code postmaster.pid} (first line: process id). */
record EmbeddedPostmaster(Path dataDirectory) {

    /** SIGKILL of the postmaster; returns when it is gone. Its backends notice and end by themselves. */
    void kill() {
        handle().ifPresent(process -> {
            process.destroyForcibly();
            Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> !process.isAlive());
        });
    }

    boolean isAlive() {
        return handle().isPresent();
    }

    private Optional<ProcessHandle> handle() {
        Path file = dataDirectory.resolve("postmaster.pid");
        try {
            if (!Files.exists(file)) {
                return Optional.empty();
            }
            long pid = Long.parseLong(Files.readAllLines(file).get(0).strip());
            return ProcessHandle.of(pid).filter(ProcessHandle::isAlive);
        } catch (IOException e) {
            throw new UncheckedIOException(file + " is unreadable", e);
        }
    }
}
