package io.paillette.benchmarks;

import io.paillette.testkit.PostgresServer.Database;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.LongStream;

/** The postmaster of one server and all that it has forked; their CPU as Linux counts it. */
final class PostgresProcesses {

    /** What the kernel tells user space, whatever its own tick is. */
    private static final double TICKS_PER_SECOND = 100;

    private static final int UTIME = 11;
    private static final int STIME = 12;
    private static final int CHILDREN_UTIME = 13;
    private static final int CHILDREN_STIME = 14;

    private final ProcessHandle postmaster;

    PostgresProcesses(Database database) {
        long backend = Long.parseLong(database.query("select pg_backend_pid()"));
        this.postmaster = ProcessHandle.of(backend)
                .flatMap(ProcessHandle::parent)
                .orElseGet(() -> fromFile(database.query("show data_directory")));
    }

    /** The backend may be gone before it was looked at. */
    private static ProcessHandle fromFile(String dataDirectory) {
        Path file = Path.of(dataDirectory, "postmaster.pid");
        try {
            long pid = Long.parseLong(Files.readAllLines(file).get(0).strip());
            return ProcessHandle.of(pid).orElseThrow(() -> new IllegalStateException("no process as in " + file));
        } catch (IOException e) {
            throw new UncheckedIOException(file + " is unreadable", e);
        }
    }

    /** Of those that run and of those that have ended. */
    double cpuSeconds() {
        double running = postmaster.children().mapToDouble(this::own).sum();
        return running + own(postmaster) + ticks(postmaster.pid(), CHILDREN_UTIME, CHILDREN_STIME) / TICKS_PER_SECOND;
    }

    private double own(ProcessHandle process) {
        return ticks(process.pid(), UTIME, STIME) / TICKS_PER_SECOND;
    }

    /** Sum of these fields of proc(5)'s stat, counted after the name; 0 for a process that is gone. */
    private static long ticks(long pid, int... fields) {
        Path stat = Path.of("/proc/" + pid + "/stat");
        try {
            String line = Files.readString(stat);
            String[] values = line.substring(line.lastIndexOf(')') + 2).split(" ", -1);
            return Arrays.stream(fields)
                    .mapToLong(field -> Long.parseLong(values[field]))
                    .sum();
        } catch (NoSuchFileException e) {
            return 0;
        } catch (IOException e) {
            // The kernel says "no such process" when it ends while its file is read.
            if (ProcessHandle.of(pid).isEmpty()) {
                return 0;
            }
            throw new UncheckedIOException(stat + " is unreadable", e);
        }
    }

    /** Sum of the resident memory that is not shared with another process, and the shared memory once. */
    long residentMegabytes() {
        return LongStream.concat(
                                LongStream.of(postmaster.pid()),
                                postmaster.children().mapToLong(ProcessHandle::pid))
                        .map(PostgresProcesses::proportionalKilobytes)
                        .sum()
                / 1024;
    }

    /** Pss: shared pages count by their share. */
    private static long proportionalKilobytes(long pid) {
        Path rollup = Path.of("/proc/" + pid + "/smaps_rollup");
        try {
            return Files.readAllLines(rollup).stream()
                    .filter(line -> line.startsWith("Pss:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            if (ProcessHandle.of(pid).isEmpty()) {
                return 0;
            }
            throw new UncheckedIOException(rollup + " is unreadable", e);
        }
    }
}
