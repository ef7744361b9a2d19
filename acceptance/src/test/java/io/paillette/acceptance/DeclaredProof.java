package io.paillette.acceptance;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.paillette.testkit.proof.ProofRecord;
import io.paillette.testkit.proof.ProofRecord.Outcome;
import io.paillette.testkit.proof.Proves;
import io.paillette.testkit.proof.Published;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** That a test {@link Proves} something, read from its class file: the class paths of other modules are not here. */
record DeclaredProof(Proves proves, String test) {

    private static final Comparator<DeclaredProof> BY_CLIENT = Comparator.<DeclaredProof, String>comparing(
                    proof -> proof.proves.client(), String.CASE_INSENSITIVE_ORDER)
            .thenComparing(proof -> proof.proves.what())
            .thenComparing(DeclaredProof::test)
            .thenComparing(proof -> List.of(proof.proves.version()).toString());

    /** Of all tests of all modules, in the order of the page. */
    static List<DeclaredProof> all(Path root) throws IOException {
        var compiled = new ArrayList<Path>();
        try (var modules = Files.newDirectoryStream(root)) {
            modules.forEach(module -> compiled.add(module.resolve("target").resolve("test-classes")));
        }
        compiled.removeIf(directory -> !Files.isDirectory(directory));
        return new ClassFileImporter()
                .importPaths(compiled).stream()
                        .filter(type -> !type.isNestedClass()) // those that the recorder is tested with prove nothing
                        .map(JavaClass::getMethods)
                        .flatMap(methods -> methods.stream().flatMap(DeclaredProof::of))
                        .sorted(BY_CLIENT)
                        .toList();
    }

    private static Stream<DeclaredProof> of(JavaMethod method) {
        Stream<Proves> one = method.tryGetAnnotationOfType(Proves.class).stream();
        Stream<Proves> several =
                method.tryGetAnnotationOfType(Proves.All.class).stream().flatMap(all -> Stream.of(all.value()));
        return Stream.concat(one, several)
                .map(proves -> new DeclaredProof(proves, method.getOwner().getSimpleName()));
    }

    /** Of kcat any version will do: the machine has chosen it, not the build. */
    boolean isProvenBy(ProofRecord record) {
        String version = List.of(proves.version()).contains(Published.KCAT) ? record.version() : versionHere();
        return record.equals(new ProofRecord(Outcome.PASSED, proves.client(), version, proves.what(), test));
    }

    private String versionHere() {
        return ProofRecord.of(Outcome.PASSED, proves, test).version();
    }

    ProofRecord notPassed() {
        return ProofRecord.of(Outcome.SKIPPED, proves, test);
    }
}
