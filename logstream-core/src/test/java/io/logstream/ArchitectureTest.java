package io.logstream;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Who may know whom: concept packages know the root and {@code match}, the root knows none of them, only the root knows the Disruptor. */
class ArchitectureTest {
  private static final String ROOT = "io.logstream";
  private static final JavaClasses CORE = new ClassFileImporter().withImportOption(new ImportOption.DoNotIncludeTests()).importPackages(ROOT);
  /** What a package may know beside the root and match. */
  private static final Map<String, Set<String>> MORE = Map.of("alert", Set.of("window", "sink"));

  private static Set<String> concepts() {
    Set<String> concepts = new TreeSet<>();
    CORE.forEach(type -> {
      if (type.getPackageName().startsWith(ROOT + ".")) {
        concepts.add(type.getPackageName().substring(ROOT.length() + 1));
      }
    });
    return concepts;
  }

  @Test
  void onlyTheRootKnowsTheDisruptor() {
    assertThat(CORE).isNotEmpty();
    noClasses().that().resideOutsideOfPackage(ROOT).should().dependOnClassesThat().resideInAPackage("com.lmax.disruptor..").check(CORE);
  }

  @Test
  void theRootKnowsNoConcept() {
    noClasses().that().resideInAPackage(ROOT).should().dependOnClassesThat().resideInAPackage(ROOT + ".*..").check(CORE);
  }

  @Test
  void conceptsKnowTheRootAndMatchOnly() {
    Set<String> concepts = concepts();
    assertThat(concepts).contains("testing");
    for (String concept : concepts) {
      if (concept.equals("testing")) {
        continue;
      }
      List<String> forbidden = new ArrayList<>();
      for (String other : concepts) {
        if (!other.equals(concept) && !other.equals("match") && !MORE.getOrDefault(concept, Set.of()).contains(other)) {
          forbidden.add(ROOT + "." + other);
        }
      }
      if (!forbidden.isEmpty()) {
        noClasses().that().resideInAPackage(ROOT + "." + concept).should().dependOnClassesThat().resideInAnyPackage(forbidden.toArray(String[]::new))
            .allowEmptyShould(true).check(CORE);
      }
    }
  }

  @Test
  void packagesHaveNoCycles() {
    slices().matching(ROOT + ".(*)").should().beFreeOfCycles().check(CORE);
  }

  @Test
  void noLoggingBackendIsKnown() {
    noClasses().should().dependOnClassesThat().resideInAnyPackage("ch.qos.logback..", "org.apache.logging..", "java.util.logging..", "org.junit..", "org.assertj..")
        .check(CORE);
  }
}
