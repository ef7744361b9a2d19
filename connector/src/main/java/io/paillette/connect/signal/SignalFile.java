package io.paillette.connect.signal;

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
        List<String> lines = Files.readAllLines(taken);
        Files.delete(taken);
        return lines.stream().filter(line -> !line.isBlank()).toList();
    }
}
