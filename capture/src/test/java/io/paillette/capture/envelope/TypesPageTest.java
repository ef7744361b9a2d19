package io.paillette.capture.envelope;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class TypesPageTest {

    private static final Path PAGE = Path.of("../docs/types.md");
    private static final String REGENERATE =
            "to write it anew: mvn -pl capture -am test -Dtest=TypesPageTest -Dpages=write"
                    + " -Dsurefire.failIfNoSpecifiedTests=false";

    @Test
    void theTableOfTypesInTheDocsIsTheGeneratedOne() throws IOException {
        String page = TypesPage.markdown(REGENERATE);
        if ("write".equals(System.getProperty("pages"))) {
            Files.writeString(PAGE, page);
        }
        assertThat(Files.exists(PAGE) ? Files.readString(PAGE) : "")
                .as(REGENERATE)
                .isEqualTo(page);
    }
}
