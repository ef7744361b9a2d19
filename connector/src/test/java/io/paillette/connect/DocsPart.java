package io.paillette.connect;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.testkit.Peer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A part of a page that a test writes from the code, between two comments. */
record DocsPart(String page, String name, String test) {

    /** Fails where the page has something else; with {@code -Dpages=write} writes it. */
    void requireIs(String content) throws IOException {
        String begin = "<!-- " + name + ", written by " + test + " -->";
        String end = "<!-- /" + name + " -->";
        Path file = Peer.root().resolve(page);
        String text = Files.readString(file);
        int from = text.indexOf(begin);
        int to = text.indexOf(end);
        assertThat(from).as(begin).isPositive();
        String generated = text.substring(0, from) + begin + "\n\n" + content + "\n" + text.substring(to);
        if ("write".equals(System.getProperty("pages"))) {
            Files.writeString(file, generated);
        }
        assertThat(Files.readString(file))
                .as("to write it anew: mvn -pl connector -am test -Dtest=" + test
                        + " -Dpages=write -Dsurefire.failIfNoSpecifiedTests=false")
                .isEqualTo(generated);
    }
}
