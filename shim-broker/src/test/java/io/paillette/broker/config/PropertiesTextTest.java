package io.paillette.broker.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.broker.config.PropertiesText.Entry;
import java.io.IOException;
import java.io.StringReader;
import java.util.HashMap;
import java.util.Properties;
import org.junit.jupiter.api.Test;

final class PropertiesTextTest {

    private static final String TEXT =
            """
            # comment \\
            a = 1

            ! another
            b: two\\
               words
            c\\u0041=\\\\
            d
            """;

    @Test
    void entriesKnowTheirFirstLine() {
        assertThat(PropertiesText.parse(TEXT).entries())
                .containsExactly(
                        new Entry(2, "a", "1"),
                        new Entry(5, "b", "twowords"),
                        new Entry(7, "cA", "\\"),
                        new Entry(8, "d", ""));
    }

    @Test
    void entriesAreWhatJavaReads() throws IOException {
        var expected = new Properties();
        expected.load(new StringReader(TEXT));
        var found = new HashMap<String, String>();
        PropertiesText.parse(TEXT).entries().forEach(entry -> found.put(entry.key(), entry.value()));

        assertThat(found).isEqualTo(expected);
    }
}
