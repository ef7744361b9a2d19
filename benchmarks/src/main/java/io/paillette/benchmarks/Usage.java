package io.paillette.benchmarks;

import io.paillette.testkit.ChildJvm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

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
