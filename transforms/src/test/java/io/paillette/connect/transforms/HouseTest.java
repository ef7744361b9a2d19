package io.paillette.connect.transforms;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The rules of the house (docs/architecture.md) for this module, which the broker does not see. */
@AnalyzeClasses(packages = "io.paillette.connect.transforms", importOptions = ImportOption.DoNotIncludeTests.class)
final class HouseTest {

    @ArchTest
    static final ArchRule aTransformationKnowsNeitherCaptureNorInWhatFunctionsAreWritten = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.paillette.capture..",
                    "io.paillette.struct..",
                    "io.paillette.broker..",
                    "org.graalvm..",
                    "com.dylibso..",
                    "java.sql..",
                    "java.net..");

    @ArchTest
    static final ArchRule theConnectorsPackagesAreNotItsOwn =
            noClasses().should().dependOnClassesThat().resideInAPackage("io.paillette.connect");
}
