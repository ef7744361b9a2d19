package io.paillette.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The operating system's; of the whole machine. */
final class PageCache {

    private static final Path DROP = Path.of("/proc/sys/vm/drop_caches");

    private PageCache() {}

    /** Writes what is dirty, as sync(1). */
    static void sync() {
        try {
            int code = new ProcessBuilder("sync").inheritIO().start().waitFor();
            if (code != 0) {
                throw new IllegalStateException("sync ended with " + code);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("there is no sync", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** Forgets clean file pages where this user may ask for that. @return whether it did */
    static boolean drop() {
        sync();
        try {
            Files.writeString(DROP, "1");
            return true;
        } catch (IOException e) {
            Say.note("the page cache stays: " + e);
            return false;
        }
    }
}
