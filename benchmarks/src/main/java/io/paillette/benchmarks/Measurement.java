package io.paillette.benchmarks;

import io.paillette.testkit.Peer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.lang.management.ManagementFactory;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** One benchmark in a JVM of its own, so that none runs in what another has left behind; its figures go to the page. */
final class Measurement {

    private final BenchmarksPage page;

    Measurement(BenchmarksPage page) {
        this.page = page;
    }

    /** Of this checkout. */
    static BenchmarksPage page() {
        return new BenchmarksPage(Peer.root().resolve("docs/benchmarks.md"));
    }

    /** @return its exit code; the page changes only when that is 0 */
    int run(String name, List<String> options) {
        var printed = new StringBuilder();
        int code = run(name, options, printed);
        if (code == 0) {
            page.replace(name, options, printed.toString());
        } else {
            Say.note(name + " ended with " + code + "; its section stays as it was");
        }
        return code;
    }

    private static int run(String name, List<String> options, StringBuilder printed) {
        try (var scope = new Scope()) {
            Process process = new ProcessBuilder(line(name, options))
                    .redirectError(Redirect.INHERIT)
                    .start();
            AutoCloseable end = process::destroy;
            scope.add(end);
            try (var out =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), Charset.defaultCharset()))) {
                for (String line = out.readLine(); line != null; line = out.readLine()) {
                    Say.print(line);
                    printed.append(line).append('\n');
                }
            }
            return process.waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(name + " did not start", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private static List<String> line(String name, List<String> options) {
        var line = new ArrayList<String>();
        line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        line.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        line.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName(), name));
        line.addAll(options);
        return line;
    }
}
