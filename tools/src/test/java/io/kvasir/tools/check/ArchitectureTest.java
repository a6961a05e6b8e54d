package io.kvasir.tools.check;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.syntax.elements.ClassesShould;
import com.tngtech.archunit.lang.syntax.elements.GivenClasses;
import com.tngtech.archunit.lang.syntax.elements.GivenClassesConjunction;
import io.kvasir.region.time.SystemTicker;
import java.lang.reflect.Modifier;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The rules of ARCHITECTURE.md about who may use whom. */
@Tag("check")
final class ArchitectureTest {

    private static final String PROTO = "io.kvasir.proto..";
    private static final String STORE = "io.kvasir.store..";
    private static final String REGION = "io.kvasir.region..";
    private static final String TXN = "io.kvasir.txn..";
    private static final String GATEWAY = "io.kvasir.gateway..";
    private static final String PLACEMENT = "io.kvasir.placement..";
    private static final String LAUNCH = "io.kvasir.tools.launch..";

    private static final JavaClasses SERVER = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .withImportOption(location -> !location.contains("/test-classes/")) // also below target/check
            .importPackages("io.kvasir");

    @Test
    void everyModuleIsLookedAt() {
        for (String module : List.of("proto", "store", "region", "placement", "txn", "gateway", "tools")) {
            assertTrue(
                    SERVER.stream().anyMatch(type -> type.getPackageName().startsWith("io.kvasir." + module)),
                    module + " has no class on the class path");
        }
    }

    @Test
    void modulesUseOnlyThoseToTheirLeft() {
        onlyUses(PROTO);
        onlyUses(STORE, PROTO);
        onlyUses(REGION, PROTO, STORE);
        onlyUses(TXN, PROTO, STORE, REGION);
        onlyUses(GATEWAY, PROTO, STORE, REGION, TXN);
    }

    @Test
    void placementKnowsRaftLinkAndTimeButNoRangeAndNoData() {
        onlyUses(PLACEMENT, PROTO, "io.kvasir.region.raft..", "io.kvasir.region.link..", "io.kvasir.region.time..");
    }

    @Test
    void configurationAndLauncherRunFromSourceWithoutAnyJar() {
        classes()
                .that()
                .resideInAnyPackage(LAUNCH, "io.kvasir.tools.config..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(LAUNCH, "io.kvasir.tools.config..", "java..", "org.jspecify..")
                .check(SERVER);
    }

    @ParameterizedTest
    @CsvSource({
        "com.alipay.sofa.., io.kvasir.region.raft..",
        "io.grpc.., io.kvasir.region.link..",
        "org.rocksdb.., io.kvasir.store.engine..",
        "ch.qos.logback.., io.kvasir.tools.server.."
    })
    void foreignLibraryHasOneHome(String library, String home) {
        noClasses()
                .that(not(resideInAPackage(home)))
                .should()
                .dependOnClassesThat()
                .resideInAPackage(library)
                .check(SERVER);
    }

    @Test
    void nettyStaysInTheServerAndTheProtocol() {
        noClasses()
                .that(not(resideInAnyPackage("io.kvasir.gateway.server..", "io.kvasir.gateway.resp..")))
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.netty..")
                .check(SERVER);
    }

    @Test
    void clocksAndChanceAreReadInOneClass() {
        clockRule(noClasses()
                        .that(not(resideInAnyPackage(LAUNCH, "io.kvasir.bench..")))
                        .and()
                        .areNotAssignableTo(SystemTicker.class))
                .check(SERVER);
    }

    @Test
    void clockRuleCanFail() {
        ArchRule rule = clockRule(noClasses());
        assertThrows(AssertionError.class, () -> rule.check(SERVER));
    }

    @Test
    void classesAreFinalUnlessSealed() {
        List<String> open = SERVER.stream()
                .filter(type -> !type.isInterface() && !type.isAnonymousClass() && !type.isEnum())
                .filter(type -> !type.getPackageName().startsWith("io.kvasir.proto.wire"))
                .filter(type -> isOpen(type.reflect()))
                .map(type -> type.getName())
                .sorted()
                .toList();
        assertTrue(open.isEmpty(), "neither final nor abstract nor sealed: " + open);
    }

    private static boolean isOpen(Class<?> type) {
        return !Modifier.isFinal(type.getModifiers())
                && !Modifier.isAbstract(type.getModifiers())
                && !type.isSealed()
                && !type.isSynthetic();
    }

    private static ArchRule clockRule(GivenClasses given) {
        return clockRule(given.should());
    }

    private static ArchRule clockRule(GivenClassesConjunction given) {
        return clockRule(given.should());
    }

    private static ArchRule clockRule(ClassesShould should) {
        return should.callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(Instant.class, "now")
                .orShould()
                .callMethod(ThreadLocalRandom.class, "current")
                .orShould()
                .callMethod(Math.class, "random")
                .orShould()
                .callConstructor(Random.class)
                .orShould()
                .callMethod(Thread.class, "sleep", long.class);
    }

    private static void onlyUses(String module, String... others) {
        noClasses()
                .that()
                .resideInAPackage(module)
                .should()
                .dependOnClassesThat(resideInAnyPackage("io.kvasir..")
                        .and(not(resideInAPackage(module)))
                        .and(not(resideInAnyPackage(others))))
                .check(SERVER);
    }
}
