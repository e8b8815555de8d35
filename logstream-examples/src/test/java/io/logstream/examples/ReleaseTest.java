package io.logstream.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** What a release needs of the POMs, before somebody tries to make one. */
class ReleaseTest {
  @Test void theBomHasEveryPublishedModuleAndNoOther() throws IOException {
    Document bom = Modules.pom(Modules.ROOT.resolve("logstream-bom"));
    NodeList managed = bom.getElementsByTagName("dependency");
    List<String> artifacts = new ArrayList<>();
    for (int i = 0; i < managed.getLength(); i++) {
      artifacts.add(Modules.child((Element) managed.item(i), "artifactId"));
    }
    assertThat(artifacts).containsExactlyInAnyOrderElementsOf(Modules.published().stream().filter(module -> !module.isBom()).map(Modules.Module::artifact).toList());
  }

  @Test void theBomSpeaksOfTheSameProjectAsTheParent() throws IOException {
    Element bom = Modules.pom(Modules.ROOT.resolve("logstream-bom")).getDocumentElement();
    Element parent = Modules.pom(Modules.ROOT).getDocumentElement();
    String address = parent.getElementsByTagName("project.address").item(0).getTextContent();
    for (String word : List.of("groupId", "version", "url", "inceptionYear", "licenses", "developers", "scm")) {
      assertThat(Modules.child(bom, word)).as(word).isNotBlank().isEqualTo(Modules.child(parent, word).replace("${project.address}", address));
    }
    assertThat(bom.getElementsByTagName("project.build.outputTimestamp").item(0).getTextContent())
        .isEqualTo(parent.getElementsByTagName("project.build.outputTimestamp").item(0).getTextContent());
  }

  @Test void everyPublishedModuleSaysWhatItIsAndHasAModuleNameOfItsOwn() throws IOException {
    List<String> names = new ArrayList<>();
    for (Modules.Module module : Modules.published()) {
      Element pom = module.pom().getDocumentElement();
      assertThat(Modules.child(pom, "name")).isEqualTo(module.artifact());
      assertThat(Modules.child(pom, "description")).as(module.artifact()).isNotBlank();
      if (!module.isBom()) {
        NodeList name = pom.getElementsByTagName("Automatic-Module-Name");
        assertThat(name.getLength()).as("%s has an Automatic-Module-Name", module.artifact()).isEqualTo(1);
        names.add(name.item(0).getTextContent());
      }
    }
    assertThat(names).doesNotHaveDuplicates().allMatch(name -> name.startsWith("io.logstream."));
  }
}
