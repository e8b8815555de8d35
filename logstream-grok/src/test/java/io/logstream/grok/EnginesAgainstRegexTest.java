package io.logstream.grok;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * All engines give exactly the match and the spans of java.util.regex. With {@code -Dlogstream.data=DIR} over real lines too, with {@code
 * -Dlogstream.conformance.patterns=DIR} for the definitions there too.
 */
class EnginesAgainstRegexTest {
  private static final long SEED = Long.getLong("logstream.seed.grok", 42);

  private static List<Library> libraries() {
    List<Library> libraries = new ArrayList<>(List.of(Library.builtIn()));
    String patterns = System.getProperty("logstream.conformance.patterns", "");
    if (!patterns.isEmpty()) {
      libraries.add(Library.builtIn().and(Library.read(Path.of(patterns))));
    }
    return libraries;
  }

  private static void agreeOnEveryDefinition(List<String> lines) {
    List<String> different = new ArrayList<>();
    for (Library library : libraries()) {
      for (String name : new TreeSet<>(library.names())) {
        Engines engines = Engines.of("%{" + name + ":all}", library);
        if (engines == null) {
          different.add(name + " is left to java.util.regex");
          continue;
        }
        for (String line : lines) {
          String difference = engines.difference(line);
          if (difference != null) {
            different.add(name + ": " + difference);
            break;
          }
        }
      }
    }
    assertThat(different).isEmpty();
  }

  private static List<String> lines(int every, int damaged) throws Exception {
    List<String> lines = new ArrayList<>(SampleLines.OWN);
    lines.addAll(SampleLines.real(every));
    int whole = lines.size();
    Random random = new Random(SEED);
    for (int i = 0; i < damaged; i++) {
      lines.add(SampleLines.damaged(lines.get(random.nextInt(whole)), random));
    }
    return lines;
  }

  private static void agreeOnRandomPatterns(int from, int patterns) {
    List<String> different = new ArrayList<>();
    int compared = 0;
    for (int i = from; i < from + patterns; i++) {
      RandomPatterns random = new RandomPatterns(new Random(SEED + i));
      String pattern = random.pattern();
      Engines engines = Engines.of(pattern, Library.builtIn());
      for (int line = 0; engines != null && line < 30; line++) {
        String difference = engines.difference(random.line());
        if (difference != null && !difference.contains("exceeded its budget")) {
          different.add("pattern " + i + ": " + difference);
          break;
        }
      }
      compared += engines == null ? 0 : engines.compared;
    }
    assertThat(different).isEmpty();
    assertThat(compared).isGreaterThan(patterns * 15);
  }

  @Test
  void agreesOnEveryDefinition() throws Exception {
    agreeOnEveryDefinition(lines(2000, 60));
  }

  @Test
  void agreesOnRandomPatterns() {
    agreeOnRandomPatterns(0, 1_500);
  }

  @Test
  void agreesOnBytesThatAreNotUtf8() {
    Random random = new Random(SEED);
    byte[] likely = {'a', ' ', (byte) 0xc3, (byte) 0xa4, (byte) 0xe2, (byte) 0x82, (byte) 0xac, (byte) 0xf0, (byte) 0x9f, (byte) 0xed, (byte) 0xa0, (byte) 0xff};
    for (String pattern : List.of("(?<x>\\S+) (?<y>\\w*)", "(?<x>.)a", "(?<x>[^a]+)(?<y>.*?)ä", "(?<x>\\uFFFD+)", "\\b(?<x>a+)\\b", "(?<x>.+) (?<y>.)", "(?<=ä)(?<x>.)")) {
      Engines engines = Engines.of(pattern, Library.builtIn());
      for (int i = 0; i < 3_000; i++) {
        byte[] bytes = new byte[random.nextInt(10)];
        for (int at = 0; at < bytes.length; at++) {
          bytes[at] = likely[random.nextInt(likely.length)];
        }
        assertThat(engines.difference(bytes)).as(pattern + " in " + new String(bytes, StandardCharsets.UTF_8)).isNull();
      }
    }
  }

  @Test
  @Tag("stress")
  void agreesOnEveryDefinitionForLong() throws Exception {
    agreeOnEveryDefinition(lines(40, 3_000));
  }

  @Test
  @Tag("stress")
  void agreesOnRandomPatternsForLong() {
    agreeOnRandomPatterns(10_000, 100_000);
  }
}
