package io.paillette.connect.transforms;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;

/** The zip, as it is handed on, says of all that is in it under which licence that is. */
final class LicensesIT {

    private static final String ROOT = "paillette-transforms/";
    private static final String LICENSES = ROOT + "licenses/";
    private static final Pattern JAR = Pattern.compile(Pattern.quote(ROOT) + "(.+?)-\\d[^/]*\\.jar");
    private static final Pattern ROW = Pattern.compile("(?m)^([\\w-]+) \\| (.+) \\| (.+) \\| (.+)$");

    @Test
    void eachJarInTheZipIsNamedWithItsLicenceWhoseTextIsThereToo() throws IOException {
        Path path = Path.of("target", "paillette-transforms-" + Version.current() + ".zip");
        try (var zip = new ZipFile(path.toFile())) {
            Set<String> entries = zip.stream().map(ZipEntry::getName).collect(Collectors.toCollection(TreeSet::new));
            Set<String> jars = JAR.matcher(String.join("\n", entries))
                    .results()
                    .map(found -> found.group(1))
                    .collect(Collectors.toCollection(TreeSet::new));
            assertThat(jars)
                    .hasSameSizeAs(entries.stream()
                            .filter(name -> name.endsWith(".jar"))
                            .toList());
            var named = new TreeSet<String>();
            var texts = new TreeSet<>(Set.of(LICENSES, LICENSES + "THIRD-PARTY.txt"));
            ROW.matcher(text(zip, LICENSES + "THIRD-PARTY.txt"))
                    .results()
                    .skip(2) // the head of the table
                    .forEach(row -> {
                        named.add(row.group(1));
                        texts.addAll(texts(row));
                    });
            assertThat(named)
                    .as("a row of transforms/src/main/licenses/THIRD-PARTY.txt for each jar")
                    .isEqualTo(jars);
            texts.remove(ROOT + "LICENSE");
            assertThat(texts)
                    .as("the texts that THIRD-PARTY.txt names are the files beside it")
                    .isEqualTo(entries.stream()
                            .filter(name -> name.startsWith(LICENSES))
                            .collect(Collectors.toCollection(TreeSet::new)));
            assertThat(text(zip, ROOT + "LICENSE")).contains("Apache License");
        }
    }

    private static Set<String> texts(MatchResult row) {
        return Arrays.stream(row.group(3).split(", "))
                .filter(name -> !name.equals("the jar"))
                .map(name -> name.startsWith("../") ? ROOT + name.substring(3) : LICENSES + name)
                .collect(Collectors.toSet());
    }

    private static String text(ZipFile zip, String name) throws IOException {
        var entry = zip.getEntry(name);
        assertThat(entry).as(name).isNotNull();
        try (var in = zip.getInputStream(entry)) {
            return new String(in.readAllBytes(), UTF_8);
        }
    }
}
