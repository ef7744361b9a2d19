package io.paillette.broker;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.paillette.broker.wire.ApiHandler;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The rules of the house (docs/architecture.md) that a compiler cannot check. */
@AnalyzeClasses(packages = "io.paillette", importOptions = ImportOption.DoNotIncludeTests.class)
final class HouseTest {

    private static final int LONGEST_FILE = 400;

    private static final String ROOT = "io.paillette.broker";
    private static final String[] DOMAIN = {
        ROOT + ".cluster..",
        ROOT + ".log..",
        ROOT + ".topic..",
        ROOT + ".group..",
        ROOT + ".txn..",
        ROOT + ".feed..",
        ROOT + ".inbox..",
        ROOT + ".job..",
        ROOT + ".replay..",
        ROOT + ".rewind.."
    };
    private static final String[] SQL = {
        "java.sql..", "javax.sql..", "org.postgresql..", "com.zaxxer..", "org.flywaydb.."
    };

    @ArchTest
    static final ArchRule packagesHaveNoCycles =
            slices().matching(ROOT + ".(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule nothingImportsTheComposition = noClasses()
            .that()
            .resideOutsideOfPackage(ROOT)
            .should()
            .dependOnClassesThat()
            .resideInAPackage(ROOT)
            .because("only the root package sees every other one, and is seen by none");

    @ArchTest
    static final ArchRule sqlStaysInItsPackages = noClasses()
            .that()
            .resideInAPackage(ROOT + "..")
            .and()
            .resideOutsideOfPackages(ROOT + ".postgres..", ROOT + ".embedded..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(SQL);

    @ArchTest
    static final ArchRule theDomainSeesNoSockets = noClasses()
            .that()
            .resideInAnyPackage(DOMAIN)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "java.net..",
                    "java.nio.channels..",
                    ROOT + ".net..",
                    ROOT + ".wire..",
                    ROOT + ".api..",
                    ROOT + ".http..",
                    ROOT + ".postgres..");

    @ArchTest
    static final ArchRule theClusterKnowsNotWhatIsLed = noClasses()
            .that()
            .resideInAPackage(ROOT + ".cluster..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(ROOT + ".log..", ROOT + ".topic..", ROOT + ".group..", ROOT + ".feed..");

    @ArchTest
    static final ArchRule wireKnowsNoDomain = noClasses()
            .that()
            .resideInAnyPackage(ROOT + ".wire..", ROOT + ".net..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    ROOT + ".cluster..",
                    ROOT + ".log..",
                    ROOT + ".topic..",
                    ROOT + ".group..",
                    ROOT + ".feed..",
                    ROOT + ".api..",
                    ROOT + ".postgres..");

    @ArchTest
    static final ArchRule configurationIsReadByTheCompositionOnly = noClasses()
            .that()
            .resideOutsideOfPackages(ROOT, ROOT + ".config..", ROOT + ".cli..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage(ROOT + ".config..");

    @ArchTest
    static final ArchRule captureKnowsNoKafka = noClasses()
            .that()
            .resideInAPackage("io.paillette.capture..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.apache.kafka..", ROOT + "..");

    @ArchTest
    static final ArchRule functionsKnowOnlyTheTextOfAChange = noClasses()
            .that()
            .resideInAPackage("io.paillette.function..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "org.apache.kafka..", "io.paillette.capture..", ROOT + "..", "java.sql..", "java.net..");

    @ArchTest
    static final ArchRule whoCallsFunctionsKnowsNotInWhat = noClasses()
            .that()
            .resideOutsideOfPackage("io.paillette.function..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.graalvm..", "com.oracle.truffle..", "com.dylibso.chicory..");

    @ArchTest
    static final ArchRule structsKnowNeitherOfTheirUsers = noClasses()
            .that()
            .resideInAPackage("io.paillette.struct..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(ROOT + "..", "io.paillette.connect..", "java.sql..");

    @ArchTest
    static final ArchRule chainsKnowNeitherSequencesNorTopics = noClasses()
            .that()
            .resideInAPackage(ROOT + ".smt..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(ROOT + ".feed..", ROOT + ".topic..", ROOT + ".log..", "io.paillette.capture..");

    @ArchTest
    static final ArchRule connectIsLoadedOnlyWhereASequenceHasAChain = noClasses()
            .that()
            .resideInAPackage(ROOT + "..")
            .and()
            .resideOutsideOfPackage(ROOT + ".smt..")
            .and()
            .doNotHaveFullyQualifiedName(ROOT + ".feed.SequenceChain")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.apache.kafka.connect..", "io.paillette.struct..");

    @ArchTest
    static final ArchRule decodingIsPure = noClasses()
            .that()
            .resideInAPackage("io.paillette.capture.pgoutput..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.sql..", "javax.sql..", "java.net..", "java.nio.channels..", "org.postgresql..");

    @ArchTest
    static final ArchRule handlersAreTheirPackagesOwn = classes()
            .that()
            .implement(ApiHandler.class)
            .and()
            .resideInAPackage(ROOT + ".api..")
            .should()
            .bePackagePrivate()
            .andShould()
            .haveSimpleNameEndingWith("Handler");

    @ArchTest
    static final ArchRule namesSayWhatAClassIs = noClasses()
            .should()
            .haveSimpleNameEndingWith("Util")
            .orShould()
            .haveSimpleNameEndingWith("Utils")
            .orShould()
            .haveSimpleNameEndingWith("Helper")
            .orShould()
            .haveSimpleNameEndingWith("Manager")
            .orShould()
            .haveSimpleNameEndingWith("Impl")
            .orShould()
            .haveSimpleNameStartingWith("Abstract");

    @ArchTest
    static final ArchRule noStaticStateChanges =
            fields().that().areStatic().should().beFinal();

    @ArchTest
    static final ArchRule onlyMainEndsTheJvmAndReadsItsEnvironment = noClasses()
            .that()
            .doNotHaveFullyQualifiedName(Main.class.getName())
            .should()
            .callMethod(System.class, "exit", int.class)
            .orShould()
            .callMethod(Runtime.class, "exit", int.class)
            .orShould()
            .callMethod(Runtime.class, "halt", int.class)
            .orShould()
            .callMethod(System.class, "getenv", String.class)
            .orShould()
            .callMethod(System.class, "getenv");

    @Test
    void noFileIsLongerThanFourHundredLines() throws IOException {
        List<String> tooLong;
        try (Stream<Path> files = Files.walk(Path.of(".."))) {
            tooLong = files.filter(HouseTest::isMainSource)
                    .filter(file -> lines(file) > LONGEST_FILE)
                    .map(Path::toString)
                    .toList();
        }
        assertThat(tooLong).isEmpty();
    }

    @Test
    void everyPackageSaysWhatItIsFor() throws IOException {
        List<Path> silent;
        try (Stream<Path> files = Files.walk(Path.of(".."))) {
            silent = files.filter(HouseTest::isMainSource)
                    .map(file -> file.resolveSibling("package-info.java"))
                    .distinct()
                    .filter(file -> !Files.exists(file))
                    .toList();
        }
        assertThat(silent).isEmpty();
    }

    private static boolean isMainSource(Path file) {
        return file.toString().endsWith(".java") && file.toString().contains("/src/main/java/");
    }

    private static long lines(Path file) {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
