package io.logstream.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Code in README and guide is compiled code, nearly all of it of the examples. A block that is preceded by {@code <!-- snippet: File.java tag -->} must equal the
 * region between {@code // tag::tag[]} and {@code // end::tag[]} of that file; every java block must have such a line before it.
 */
class DocSnippetsTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Pattern BLOCK = Pattern.compile("(?:<!-- snippet: (\\S+) (\\S+) -->\\n+)?```java\\n(.*?)```", Pattern.DOTALL);

  @Test void readmeAndGuideQuoteOnlyCompiledCode() throws IOException {
    List<Path> pages = new ArrayList<>(List.of(ROOT.resolve("README.md")));
    try (Stream<Path> guide = Files.walk(ROOT.resolve("src-site"))) {
      guide.filter(p -> p.toString().endsWith(".md")).forEach(pages::add);
    }
    Map<String, String> regions = regions();
    List<String> wrong = new ArrayList<>();
    int blocks = 0;
    for (Path page : pages) {
      blocks += compare(page, regions, wrong);
    }
    assertThat(wrong).isEmpty();
    assertThat(blocks).isGreaterThanOrEqualTo(40);
  }

  /** How many blocks the page has; what is wrong with them goes into the list. */
  private static int compare(Path page, Map<String, String> regions, List<String> wrong) throws IOException {
    Matcher block = BLOCK.matcher(Files.readString(page, StandardCharsets.UTF_8));
    int blocks = 0;
    while (block.find()) {
      blocks++;
      if (block.group(1) == null) {
        wrong.add(page.getFileName() + ": a java block without a snippet line: " + block.group(3));
        continue;
      }
      String region = regions.get(block.group(1) + " " + block.group(2));
      if (region == null) {
        wrong.add(page.getFileName() + ": there is no region " + block.group(1) + " " + block.group(2) + " among " + regions.keySet());
      } else if (!region.equals(block.group(3))) {
        wrong.add(page.getFileName() + ": block differs from " + block.group(1) + " " + block.group(2) + ", which is\n" + region);
      }
    }
    return blocks;
  }

  private static Map<String, String> regions() throws IOException {
    Map<String, String> regions = new TreeMap<>();
    for (String folder : List.of("logstream-examples/src", "connectors/logstream-logback/src/test")) {
      for (Path source : sources(ROOT.resolve(folder))) {
        String tag = null;
        List<String> lines = new ArrayList<>();
        for (String line : Files.readAllLines(source, StandardCharsets.UTF_8)) {
          String trimmed = line.trim();
          if (trimmed.startsWith("// tag::")) {
            tag = trimmed.substring(8, trimmed.indexOf('['));
            lines.clear();
          } else if (trimmed.startsWith("// end::")) {
            regions.put(source.getFileName() + " " + tag, String.join("\n", lines).stripIndent().stripTrailing() + "\n");
            tag = null;
          } else if (tag != null) {
            lines.add(line);
          }
        }
      }
    }
    return regions;
  }

  private static List<Path> sources(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(p -> p.toString().endsWith(".java")).toList();
    }
  }
}
