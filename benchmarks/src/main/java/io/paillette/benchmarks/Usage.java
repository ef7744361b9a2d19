package io.paillette.benchmarks;

import io.paillette.testkit.ChildJvm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What a running process has used, as the kernel tells. */
final class Usage {

    private Usage() {}

    /** User and system time since it started. */
    static double cpuSeconds(ChildJvm jvm) {
        return ProcessHandle.of(jvm.pid())
                .flatMap(handle -> handle.info().totalCpuDuration())
                .map(Duration::toMillis)
                .map(millis -> millis / 1e3)
                .orElse(0.0);
    }

    /** {@link #cpuSeconds} of those that run, by process id. */
    static Map<Long, Double> cpuByProcess(List<ChildJvm> processes) {
        return processes.stream().filter(ChildJvm::isAlive).collect(Collectors.toMap(ChildJvm::pid, Usage::cpuSeconds));
    }

    /** CPU time of these processes since {@code before}, all of it where that does not have them. */
    static double cpuSince(Map<Long, Double> before, List<ChildJvm> processes) {
        return cpuByProcess(processes).entrySet().stream()
                .mapToDouble(now -> now.getValue() - before.getOrDefault(now.getKey(), 0.0))
                .sum();
    }

    /** Largest resident set since it started; 0 where there is no /proc. */
    static long peakMegabytes(ChildJvm jvm) {
        return megabytes(jvm, "VmHWM:");
    }

    /** Resident set now; 0 where there is no /proc. */
    static long residentMegabytes(ChildJvm jvm) {
        return megabytes(jvm, "VmRSS:");
    }

    private static long megabytes(ChildJvm jvm, String field) {
        Path status = Path.of("/proc/" + jvm.pid() + "/status");
        if (!Files.exists(status)) {
            return 0;
        }
        try (var lines = Files.lines(status)) {
            return lines.filter(line -> line.startsWith(field))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            throw new UncheckedIOException(status + " is unreadable", e);
        }
    }
}
