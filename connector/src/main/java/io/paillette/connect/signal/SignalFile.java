package io.paillette.connect.signal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A file with a signal on each line, which is emptied when they are taken: what is taken and not yet stored when the worker
 * dies is gone, as with Debezium.
 */
final class SignalFile {

    private final Path path;

    SignalFile(Path path) {
        this.path = path;
    }

    /** The lines that there are; none when there is no file. */
    List<String> take() throws IOException {
        if (!Files.isRegularFile(path) || Files.size(path) == 0) {
            return List.of();
        }
        List<String> lines = Files.readAllLines(path);
        Files.writeString(path, "");
        return lines.stream().filter(line -> !line.isBlank()).toList();
    }
}
