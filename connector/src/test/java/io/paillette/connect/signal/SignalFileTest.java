package io.paillette.connect.signal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SignalFileTest {

    @Test
    void aLineThatIsNoUtf8HoldsUpNoOther(@TempDir Path directory) throws IOException {
        Path path = directory.resolve("signals");
        var file = new SignalFile(path);
        assertThat(file.take()).isEmpty();
        Files.write(path, "first\n\nf\u00fcr\nthird\n".getBytes(StandardCharsets.ISO_8859_1));
        assertThat(file.take()).containsExactly("first", "f\ufffdr", "third");
        assertThat(file.take()).isEmpty();
        try (var left = Files.list(directory)) {
            assertThat(left).isEmpty();
        }
    }
}
