package io.paillette.broker.embedded;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs Postgres' programs. They refuse to run as root; then they run in a user namespace of their own, where they are
 * nobody in particular and the files are still theirs.
 */
record Programs(PostgresBinaries binaries, boolean root) {

    /** What a program printed, both streams together. */
    record Outcome(int exitCode, String output) {
        boolean isSuccess() {
            return exitCode == 0;
        }
    }

    static Programs of(PostgresBinaries binaries) {
        return new Programs(binaries, "root".equals(System.getProperty("user.name")));
    }

    Outcome run(Path workingDirectory, String program, String... arguments) throws IOException, InterruptedException {
        var command = new ArrayList<String>();
        if (root) {
            command.addAll(List.of("unshare", "--user"));
        }
        command.add(binaries.program(program).toString());
        command.addAll(List.of(arguments));
        var builder =
                new ProcessBuilder(command).directory(workingDirectory.toFile()).redirectErrorStream(true);
        // Messages in English, and nothing of the caller's Postgres settings (PGDATA, PGPORT, PGOPTIONS).
        builder.environment().keySet().removeIf(name -> name.startsWith("PG"));
        builder.environment().put("LC_ALL", "C");
        Process process = builder.start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Outcome(process.waitFor(), output.strip());
    }
}
