package io.logstream.grok;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logstream.BudgetedMatcher;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * How the steps of a search grow that nearly matches: a line over and over again, four times as long, without what the pattern wants at its
 * end. With {@code -Dlogstream.conformance.patterns=DIR} for the definitions there too.
 */
class NearMissTest {
  private static final int SHORT = 1_000;

  /** Definitions whose steps grow with more than the length of the text: as the square of it, which is what several GREEDYDATA come to. */
  private static final List<String> SQUARE = List.of("CISCO_REASON", "ELB_REQUEST_LINE", "HTTPD20_ERRORLOG", "HTTPD_ERRORLOG", "MESSAGESLOG", "POSTFIX_KEYVALUE_DATA",
      "POSTFIX_PROXY_MESSAGE", "POSTFIX_RELAY_INFO", "S3_REQUEST_LINE", "SYSLOG5424SD", "SYSLOGLINE");

  private static Map<String, Double> growth(Library library) throws Program.Unsupported {
    Map<String, Double> growth = new TreeMap<>();
    for (String name : library.names()) {
      Translation translation = Translation.of("%{" + name + "}[\\x01\\x02]", library);
      Run run = new Run(Program.of(translation.syntax(), translation.groups()));
      double worst = 0;
      for (String line : SampleLines.OWN) {
        if (line.length() > 4) {
          worst = Math.max(worst, (steps(run, line, 4 * SHORT) + 500) / (steps(run, line, SHORT) + 500));
        }
      }
      growth.put(name, Math.log(worst) / Math.log(4));
    }
    return growth;
  }

  private static double steps(Run run, String line, int length) {
    byte[] bytes = line.repeat(length / line.length() + 1).getBytes(StandardCharsets.UTF_8);
    assertThat(run.find(bytes, 0, bytes.length)).isFalse();
    return run.steps();
  }

  private static void growsLinearly(Library library) throws Program.Unsupported {
    Map<String, Double> growth = growth(library);
    Map<String, Double> more = new TreeMap<>(growth);
    more.values().removeIf(exponent -> exponent <= 1.3);
    assertThat(SQUARE).as("exponents: %s", more).containsAll(more.keySet());
    assertThat(more.values()).allMatch(exponent -> exponent < 2.1);
    assertThat(more.size()).isLessThanOrEqualTo(growth.size() * 5 / 100);
  }

  @Test
  void growsLinearlyForNearlyAllBuiltInDefinitions() throws Exception {
    growsLinearly(Library.builtIn());
  }

  @Test
  void growsLinearlyForNearlyAllOtherDefinitions() throws Exception {
    String patterns = System.getProperty("logstream.conformance.patterns", "");
    if (!patterns.isEmpty()) {
      growsLinearly(Library.builtIn().and(Library.read(Path.of(patterns))));
    }
  }

  @ParameterizedTest
  @CsvSource(delimiter = '~', quoteCharacter = '`', value = {
      "Belegart->\\[%{WORD:a},(?<b>(\\s*%{NOTSPACE})*)\\] Zustand->OFFEN %{DATESTAMP_OTHER:c}",
      "%{GREEDYDATA:a} %{GREEDYDATA:b} %{GREEDYDATA:c} %{GREEDYDATA:d} %{GREEDYDATA:e}!",
      "%{DATA:a},%{DATA:b},%{DATA:c},%{DATA:d},%{DATA:e},%{DATA:f}!",
      "^(?<all>(.|\\r|\\n)*)!",
      "^(\\w+\\s?)*!",
      "^(([a-z])+.)+[A-Z]([a-z])+$",
      "(?:\\[?%{WORD}\\]?\\s*)+!",
  })
  void endsSoonWhereOthersRunForever(String pattern) {
    String line = "Belegart->[EINGESCHRAENKTER_VERKAUF, " + "VERKAUF, NACHERFASSUNG, ".repeat(200) + "x] Zustand->ABGESCHLOSSEN Mon Jan 08 00:00:00 UTC 2018";
    assertThat(Grok.pattern(pattern).match(line)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(delimiter = '~', quoteCharacter = '`', value = {
      "^(?:.*?,){11,}?P                 ~ 1,2,3,4,5,6,7,8,9,10,11,",
      "^(?:a+b?){2,50}c                 ~ aaaaaaaaaaaaaaaaaaaa",
      "^(?<x>a+)+(?:\\k<x>)+!           ~ aaaaaaaaaaaaaaaaaaaa",
      "^(?<word>\\w+\\s?)*\\k<word>{3}! ~ some words and more words ",
  })
  void endsInTheBudgetWithTheReasonWhereNothingElseHelps(String pattern, String piece) {
    String line = piece.repeat(40);
    assertThatThrownBy(() -> Grok.pattern(pattern).match(line)).isInstanceOf(BudgetedMatcher.BudgetExceeded.class).hasMessageContaining("budget");
  }
}
