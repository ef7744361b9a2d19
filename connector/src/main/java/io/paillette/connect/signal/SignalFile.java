package io.paillette.connect.signal;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/**
 * A file with a signal on each line, which is gone when they are taken: what is taken and not yet stored when the worker
 * dies, or the database goes away, is not carried out, as with Debezium.
 */
final class SignalFile {

    private final Path path;

    SignalFile(Path path) {
        this.path = path;
    }

    /** The lines that there are; none when there is no file. It is moved away first: who writes meanwhile begins another. */
    List<String> take() throws IOException {
        Path taken = path.resolveSibling(path.getFileName() + ".taken");
        if (!Files.exists(taken)) {
            if (!Files.isRegularFile(path) || Files.size(path) == 0) {
                return List.of();
            }
            Files.move(path, taken, StandardCopyOption.ATOMIC_MOVE);
        }
        // Not strictly: a line that is no UTF-8 is a signal that cannot be understood, and holds up no other.
        List<String> lines = new String(Files.readAllBytes(taken), UTF_8)
                .lines()
                .filter(line -> !line.isBlank())
                .toList();
        Files.delete(taken);
        return lines;
    }
}
