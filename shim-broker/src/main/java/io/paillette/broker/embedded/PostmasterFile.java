package io.paillette.broker.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What {@code postmaster.pid} says: one line each for process, data directory, start time, port, socket directory, address,
 * shared memory, status (Postgres: {@code miscadmin.h}, LOCK_FILE_LINE_*).
 */
record PostmasterFile(long pid, int port, String status) {

    private static final int PORT_LINE = 3;
    private static final int STATUS_LINE = 7;

    /** Empty when there is no file, or when it is only half written. */
    static Optional<PostmasterFile> read(Path dataDirectory) throws IOException {
        try {
            List<String> lines = Files.readAllLines(path(dataDirectory));
            if (lines.size() <= PORT_LINE) {
                return Optional.empty();
            }
            String status = lines.size() > STATUS_LINE ? lines.get(STATUS_LINE).strip() : "starting";
            return Optional.of(new PostmasterFile(
                    Long.parseLong(lines.get(0).strip()),
                    Integer.parseInt(lines.get(PORT_LINE).strip()),
                    status));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (NumberFormatException e) {
            throw new IOException(path(dataDirectory) + " is not a postmaster.pid", e);
        }
    }

    static Path path(Path dataDirectory) {
        return dataDirectory.resolve("postmaster.pid");
    }

    boolean isReady() {
        return status.equals("ready");
    }

    boolean isStopping() {
        return status.equals("stopping");
    }

    boolean isAlive(Path dataDirectory) throws IOException {
        return process(dataDirectory).isPresent();
    }

    /**
     * The process of that number, when it is a server on this data directory and not another one that came by the number
     * later. A postmaster works in its data directory.
     */
    Optional<Postmaster> process(Path dataDirectory) throws IOException {
        Optional<ProcessHandle> process = ProcessHandle.of(pid).filter(ProcessHandle::isAlive);
        if (process.isEmpty()) {
            return Optional.empty();
        }
        Path procfs = Path.of("/proc", Long.toString(pid));
        if (!Files.isDirectory(procfs)) {
            return process.filter(other -> other.info()
                            .command()
                            .filter(path -> path.endsWith("postgres"))
                            .isPresent())
                    .map(server -> server::isAlive);
        }
        Path workingDirectory = procfs.resolve("cwd");
        return Optional.<Postmaster>of(() -> isSame(workingDirectory, dataDirectory))
                .filter(Postmaster::isAlive);
    }

    private static boolean isSame(Path workingDirectory, Path dataDirectory) {
        try {
            return Files.isSameFile(workingDirectory, dataDirectory);
        } catch (IOException e) {
            // Dead but not yet reaped, or somebody else's: no working directory to see.
            return false;
        }
    }

    /** A server that was alive once. */
    @FunctionalInterface
    interface Postmaster {

        boolean isAlive();
    }
}
