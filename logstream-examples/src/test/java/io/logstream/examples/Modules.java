package io.logstream.examples;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/** The modules of this build, as their POMs have them. */
final class Modules {
  static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  private Modules() {}

  record Module(Path folder, Document pom) {
    String artifact() {
      return child(pom.getDocumentElement(), "artifactId");
    }

    boolean isBom() {
      return artifact().endsWith("-bom");
    }

    boolean isPublished() {
      NodeList skip = pom.getElementsByTagName("maven.deploy.skip");
      return skip.getLength() == 0 || !skip.item(0).getTextContent().equals("true");
    }

    @Override
    public String toString() {
      return artifact();
    }
  }

  static Document pom(Path folder) throws IOException {
    try {
      return DocumentBuilderFactory.newDefaultInstance().newDocumentBuilder().parse(folder.resolve("pom.xml").toFile());
    } catch (ParserConfigurationException | SAXException e) {
      throw new IOException(folder + ": " + e.getMessage(), e);
    }
  }

  static List<Module> published() throws IOException {
    List<Module> published = new ArrayList<>();
    NodeList names = pom(ROOT).getElementsByTagName("module");
    for (int i = 0; i < names.getLength(); i++) {
      Path folder = ROOT.resolve(names.item(i).getTextContent());
      Module module = new Module(folder, pom(folder));
      if (module.isPublished()) {
        published.add(module);
      }
    }
    return published;
  }

  /** The text of the first child with this name; null without one. */
  static String child(Element parent, String name) {
    for (var node = parent.getFirstChild(); node != null; node = node.getNextSibling()) {
      if (node.getNodeName().equals(name)) {
        return node.getTextContent().strip();
      }
    }
    return null;
  }
}
