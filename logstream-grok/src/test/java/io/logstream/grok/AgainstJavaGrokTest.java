package io.logstream.grok;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.krakens.grok.api.GrokCompiler;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

/**
 * The same fields as Java Grok for every definition that it compiles, but for what it does wrong: each of these has a test here. With
 * {@code -Dlogstream.data=DIR} over real lines too.
 */
class AgainstJavaGrokTest {
  private static final GrokCompiler JAVA_GROK = GrokCompiler.newInstance();

  static {
    for (String file : List.of("patterns", "java", "linux-syslog", "firewalls", "haproxy", "nagios", "postfix", "ruby")) {
      JAVA_GROK.registerPatternFromClasspath("/patterns/" + file, StandardCharsets.UTF_8);
    }
  }

  private static Map<String, Object> theirs(String pattern, String line) {
    var match = JAVA_GROK.compile(pattern, true).match(line);
    return match.isNull() ? null : match.capture();
  }

  private static Map<String, Object> ours(String pattern, String line) {
    return Grok.pattern(pattern).match(line).orElse(null);
  }

  /** Since JDK 19 {@code \b} of java.util.regex goes by ASCII; ours goes by all letters, as on JDK 17, whatever the JDK. */
  private static final boolean WORDS_ARE_ASCII = Runtime.version().feature() >= 19;

  /** Without what is absent or empty, in and out of lists; without quotes around; as text. */
  private static Map<String, Object> alike(Map<String, Object> fields) {
    Map<String, Object> alike = new TreeMap<>();
    fields.forEach((name, value) -> {
      Stream<?> all = value instanceof List<?> several ? several.stream() : Stream.ofNullable(value);
      List<String> texts = all.filter(one -> one != null).map(one -> bare(one.toString())).filter(one -> !one.isEmpty()).toList();
      if (!texts.isEmpty()) {
        alike.put(name, texts);
      }
    });
    return alike;
  }

  private static String bare(String text) {
    boolean quoted = text.length() > 1 && (text.startsWith("\"") || text.startsWith("'")) && text.charAt(text.length() - 1) == text.charAt(0);
    return quoted ? text.substring(1, text.length() - 1) : text;
  }

  @Test
  void findsTheSameFieldsForEveryDefinition() throws Exception {
    List<String> lines = new ArrayList<>(SampleLines.OWN);
    lines.addAll(SampleLines.real(1_000));
    lines.removeIf(line -> line.isBlank() || line.contains("\n"));
    List<String> different = new ArrayList<>();
    int matched = 0;
    for (String name : new TreeSet<>(JAVA_GROK.getPatternDefinitions().keySet())) {
      if (name.equals("NAGIOSLOGLINE") || name.equals("COMMONAPACHELOG_DATATYPED")) {
        continue;
      }
      var javaGrok = JAVA_GROK.compile("%{" + name + ":all}", true);
      Grok grok = Grok.pattern("%{" + name + ":all}");
      for (String line : Stream.concat(lines.stream(), madeFor(name).stream()).toList()) {
        var match = javaGrok.match(line);
        Map<String, Object> theirs = match.isNull() ? null : alike(match.capture());
        Map<String, Object> ours = grok.match(line).map(AgainstJavaGrokTest::alike).orElse(null);
        matched += ours == null ? 0 : 1;
        if (theirs == null ? ours != null : !theirs.equals(ours)) {
          different.add(name + " of '" + line + "': theirs " + theirs + ", ours " + ours);
          break;
        }
      }
    }
    assertThat(different).isEmpty();
    assertThat(matched).isGreaterThan(2_000);
  }

  private static List<String> madeFor(String name) throws Exception {
    Translation translation = Translation.of("\\A%{" + name + "}\\z", Library.builtIn());
    Run run = new Run(Program.of(translation.syntax(), translation.groups()));
    Random random = new Random(3);
    List<String> made = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Samples.Sample sample = Samples.of(translation, run, random);
      if (sample != null) {
        made.addAll(List.of(sample.text(), "x " + sample.text() + " y", SampleLines.damaged(sample.text(), random)));
      }
    }
    made.removeIf(line -> line.isBlank() || line.contains("\n") || (WORDS_ARE_ASCII && !line.chars().allMatch(c -> c < 128)));
    return made;
  }

  @Test
  void putsNoNullsIntoLists() {
    String line = "statistics: max connection count 5 for (smtp:192.0.2.7) at Feb  6 12:14:14";
    assertThat(theirs("%{POSTFIX_ANVIL}", line).get("postfix_service")).asInstanceOf(InstanceOfAssertFactories.LIST).contains(null, "smtp");
    assertThat(ours("%{POSTFIX_ANVIL}", line)).containsEntry("postfix_service", "smtp");
  }

  @Test
  void makesNoFieldOfWhatIsAbsent() {
    assertThat(theirs("%{WORD:a}(?: %{WORD:b})?", "x")).containsEntry("b", null);
    assertThat(ours("%{WORD:a}(?: %{WORD:b})?", "x")).containsOnlyKeys("a");
  }

  @Test
  void keepsQuotes() {
    assertThat(theirs("%{QS:q}", "\"a\"")).containsEntry("q", "a");
    assertThat(ours("%{QS:q}", "\"a\"")).containsEntry("q", "\"a\"");
  }

  @Test
  void matchesBlankText() {
    assertThat(theirs("%{GREEDYDATA:all}", " ")).isNull();
    assertThat(ours("%{GREEDYDATA:all}", " ")).containsEntry("all", " ");
  }

  @Test
  void matchesOverSeveralLines() {
    assertThat(theirs("a%{GREEDYDATA:all}", "ab\nc")).containsEntry("all", "b");
    assertThat(ours("a%{GREEDYDATA:all}", "ab\nc")).containsEntry("all", "b\nc");
  }

  @Test
  void compilesTheLineOfNagios() {
    assertThatThrownBy(() -> theirs("%{NAGIOSLOGLINE}", "x")).hasMessageContaining("Illegal repetition");
    assertThat(ours("%{NAGIOSLOGLINE}", "[1434353332] SERVICE ALERT: web-1;HTTP;CRITICAL;SOFT;3;Connection refused")).containsEntry("nagios_state", "CRITICAL");
  }

  @Test
  void leavesTextThatIsNotOfItsType() {
    String line = "10.0.0.1 - - [17/May/2015:10:05:03 +0000] \"GET /a HTTP/1.1\" 200 20";
    Map<String, Object> theirs = theirs("%{COMMONAPACHELOG_DATATYPED}", line);
    assertThat(theirs).containsEntry("ident", false).containsEntry("timestamp", Instant.parse("2015-05-17T10:05:03Z"));
    Map<String, Object> same = new LinkedHashMap<>(ours("%{COMMONAPACHELOG_DATATYPED}", line));
    assertThat(same).containsEntry("ident", "-").containsEntry("timestamp", "17/May/2015:10:05:03 +0000");
    assertThat(same).containsEntry("response", 200L).containsEntry("bytes", 20L).containsEntry("httpversion", 1.1);
    assertThat(theirs("%{NOTSPACE:n:int}", "12abc")).containsKey("n_grokfailure");
    assertThat(ours("%{NOTSPACE:n:int}", "12abc")).containsEntry("n", "12abc");
  }

  @Test
  void takesNamesOfGroupsWithUnderscores() {
    assertThatThrownBy(() -> theirs("(?<a_b>x)", "x")).isInstanceOf(RuntimeException.class);
    assertThat(ours("(?<a_b>x)", "x")).containsEntry("a_b", "x");
  }

  @Test
  void takesANameTwiceWithAType() {
    assertThatThrownBy(() -> theirs("%{INT:n:int} %{INT:n:int}", "1 2")).isInstanceOf(RuntimeException.class);
    assertThat(ours("%{INT:n:int} %{INT:n:int}", "1 2")).containsEntry("n", List.of(1L, 2L));
  }

  @Test
  void takesBracesAndSignsThatAreNoRepetition() {
    assertThatThrownBy(() -> theirs("a {b} %{INT:n}", "a {b} 1")).hasMessageContaining("Illegal repetition");
    assertThat(ours("a {b} %{INT:n}", "a {b} 1")).containsEntry("n", "1");
    assertThatThrownBy(() -> theirs(".?*%{INT:n}", "a1")).hasMessageContaining("Dangling meta character");
    assertThat(ours(".?*x%{INT:n}", "ax1")).containsEntry("n", "1");
  }

  @Test
  void namesTheDefinitionThatIsMissing() {
    assertThatThrownBy(() -> theirs("%{NO_SUCH_NAME:n}", "1")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> ours("%{NO_SUCH_NAME:n}", "1")).hasMessageContaining("%{NO_SUCH_NAME}");
  }
}
