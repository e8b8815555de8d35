package io.logstream.grok;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import io.logstream.BudgetedMatcher;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GrokTest {
  private static final String ACCESS = "192.0.2.17 - alice [23/Nov/2023:00:41:41 +0100] \"GET /app/cart?id=7 HTTP/1.1\" 200 5120"
      + " \"https://shop.example/\" \"Mozilla/5.0 (X11)\"";

  private static Map<String, Object> match(String pattern, String line) {
    return Grok.pattern(pattern).match(line).orElseThrow();
  }

  @Test
  void readsAllFieldsOfAnAccessLog() {
    assertThat(match("%{COMBINEDAPACHELOG}", ACCESS)).containsExactly(
        entry("clientip", "192.0.2.17"), entry("ident", "-"), entry("auth", "alice"), entry("timestamp", "23/Nov/2023:00:41:41 +0100"),
        entry("verb", "GET"), entry("request", "/app/cart?id=7"), entry("httpversion", "1.1"), entry("response", "200"), entry("bytes", "5120"),
        entry("referrer", "\"https://shop.example/\""), entry("agent", "\"Mozilla/5.0 (X11)\""));
  }

  @Test
  void leavesOutWhatIsNotThere() {
    assertThat(match("%{COMBINEDAPACHELOG}", "::1 - - [23/Nov/2023:00:41:41 +0100] \"-\" 408 - \"-\" \"-\""))
        .containsEntry("rawrequest", "-").containsEntry("clientip", "::1").doesNotContainKeys("bytes", "verb", "request");
  }

  @Test
  void takesThePatternOfAPlatformUnchanged() {
    String platform = "%{IPORHOST:clientip} %{USER:ident} %{USER:auth} \\[%{HTTPDATE:timestamp}\\] \\\"(?:%{WORD:verb} %{NOTSPACE:request}"
        + "(?: HTTP/%{NUMBER:httpversion})?|%{DATA:rawrequest})\\\" %{NUMBER:response:int} (?:%{NUMBER:bytes}|-) %{QS:referrer} %{QS:agent}"
        + " %{QS:jsessionid} %{QS:bigippool} %{NUMBER:reqtimes:int}/%{NUMBER:reqtimems:int}";
    for (String pattern : List.of(platform, platform.replace("\\\"", "\""))) {
      assertThat(match(pattern, "192.0.2.17 - - [23/Nov/2023:00:41:41 +0100] \"GET /app/cart?id=7 HTTP/1.1\" 200 5120 \"https://shop.example/\" \"Mozilla/5.0 (X11)\" \"JSESSIONID=A1\""
          + " \"pool_web\" 0/41234")).containsEntry("bytes", "5120").containsEntry("jsessionid", "\"JSESSIONID=A1\"").containsEntry("reqtimems", 41234L);
      assertThat(match(pattern, "192.0.2.17 - - [23/Nov/2023:00:41:42 +0100] \"GET /f5.txt HTTP/1.0\" 200 - \"-\" \"-\" \"-\" \"-\" 0/210")).doesNotContainKey("bytes");
      assertThat(match(pattern, "app-7.example.com - alice [23/Nov/2023:00:41:43 +0100] \"POST /app/pay HTTP/1.1\" 503 312 \"-\" \"curl/8.4.0\" \"-\" \"pool_pay\" 2/2000417"))
          .containsEntry("clientip", "app-7.example.com").containsEntry("auth", "alice").containsEntry("reqtimes", 2L);
      assertThat(match(pattern, "192.0.2.99 - - [23/Nov/2023:00:41:44 +0100] \"\\x16\\x03\\x01\" 400 226 \"-\" \"-\" \"-\" \"-\" 0/12"))
          .containsEntry("rawrequest", "\\x16\\x03\\x01").doesNotContainKeys("verb", "request");
      assertThat(match(pattern, "2001:db8::5 - - [23/Nov/2023:00:41:45 +0100] \"GET /x\" 404 0 \"-\" \"a \\\"quoted\\\" agent\" \"-\" \"-\" 0/9"))
          .containsEntry("clientip", "2001:db8::5").containsEntry("agent", "\"a \\\"quoted\\\" agent\"").containsEntry("response", 404L)
          .containsEntry("reqtimems", 9L).doesNotContainKey("httpversion");
      assertThat(Grok.pattern(pattern).match("192.0.2.1 - - [23/Nov/2023:00:41:45 +0100] \"-\" 408 - \"-\" \"-\" 0/9")).isEmpty();
    }
  }

  @Test
  void keepsNamesAsTheyAreWritten() {
    assertThat(match("%{WORD:a_b} %{WORD:c.d} %{WORD:[e][f]} (?<g_h>\\d+) (?<[i][j]>\\d+)", "one two three 4 5"))
        .containsExactly(entry("a_b", "one"), entry("c.d", "two"), entry("[e][f]", "three"), entry("g_h", "4"), entry("[i][j]", "5"));
  }

  @Test
  void makesFieldsOfNamedCapturesOnly() {
    assertThat(match("%{WORD} (\\w+) %{INT:n}", "a b 3")).containsExactly(entry("n", "3"));
  }

  @Test
  void convertsToTypesAndKeepsTextThatIsNotOfItsType() {
    assertThat(match("%{NOTSPACE:i:int} %{NOTSPACE:l:long} %{NOTSPACE:f:float} %{NOTSPACE:d:double} %{NOTSPACE:b:boolean}",
        "42 -9000000000 0.5 1e3 TRUE")).isEqualTo(Map.of("i", 42L, "l", -9_000_000_000L, "f", 0.5, "d", 1000.0, "b", true));
    assertThat(match("%{NOTSPACE:i:int} %{NOTSPACE:l:long} %{NOTSPACE:f:float} %{NOTSPACE:d:double} %{NOTSPACE:b:boolean}",
        "12abc 99999999999999999999 NaN 0x1p3 yes"))
        .isEqualTo(Map.of("i", "12abc", "l", "99999999999999999999", "f", "NaN", "d", "0x1p3", "b", "yes"));
    assertThat(match("%{NOTSPACE:i:int} %{GREEDYDATA:d:float}", "7.9 0.001\t-")).isEqualTo(Map.of("i", 7L, "d", 0.001));
    assertThat(match("%{NOTSPACE:max:long} %{NOTSPACE:tenth:double}", "9223372036854775807 1234567890.0123456789"))
        .isEqualTo(Map.of("max", Long.MAX_VALUE, "tenth", 1234567890.0123456789));
  }

  @Test
  void refusesATypeThatItDoesNotKnow() {
    assertThatThrownBy(() -> Grok.pattern("%{INT:n:number}")).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("a type is one of :int, :long, :float, :double and :boolean, was ':number', at index 6");
  }

  @Test
  void makesAListOfANameCapturedTwice() {
    assertThat(match("%{INT:n:int},%{INT:n:int}(,%{INT:n:int})?", "1,2")).containsExactly(entry("n", List.of(1L, 2L)));
    assertThat(match("(?:a%{INT:n}|b%{INT:n})", "b7")).containsExactly(entry("n", "7"));
  }

  @Test
  void keepsEmptyCapturesIfTold() {
    assertThat(match("\\[%{DATA:a}\\](%{INT:b})?", "[]")).isEmpty();
    assertThat(Grok.pattern("\\[%{DATA:a:int}\\](%{INT:b})?").keepEmpty().match("[]")).contains(Map.of("a", ""));
  }

  @Test
  void takesTheFirstPatternThatReachesTheEnd() {
    Grok two = Grok.pattern("^%{WORD:word}").orElse("^%{WORD:word} %{INT:n}");
    assertThat(two.match("load 7")).contains(Map.of("word", "load", "n", "7"));
    assertThat(two.match("load")).contains(Map.of("word", "load"));
    assertThat(two.match("load 7 %")).isEmpty();
    assertThat(two.anywhere().match("load 7 %")).contains(Map.of("word", "load"));
  }

  @Test
  void searchesInsteadOfAnchoring() {
    assertThat(match("%{INT:n} ms", "took 12 ms in all")).containsExactly(entry("n", "12"));
  }

  @Test
  void usesDefinitionsOfItsOwnEvenInBuiltInOnes() {
    assertThat(Grok.pattern("%{ORDER:order}").define("ORDER", "O-%{INT}").match("order O-17 paid")).contains(Map.of("order", "O-17"));
    assertThat(Grok.pattern("%{USER:user}").define("USERNAME", "[a-z]+!").match("a1 bob!")).contains(Map.of("user", "bob!"));
  }

  @Test
  void givesUpACatastrophicPatternByItsBudget() {
    Grok partitions = Grok.pattern("^(?:a+b?){2,50}c");
    assertThatThrownBy(() -> partitions.match("a".repeat(200))).isInstanceOf(BudgetedMatcher.BudgetExceeded.class).hasMessageContaining("step budget");
    Grok again = Grok.pattern("^(?<x>a+)+(?:\\k<x>)+!");
    assertThatThrownBy(() -> again.match("a".repeat(5_000))).isInstanceOf(BudgetedMatcher.BudgetExceeded.class);
  }

  @Test
  void triesNothingTwiceSoThatWellKnownCatastrophesAreNone() {
    String line = "a ".repeat(2_000);
    for (String pattern : List.of("%{GREEDYDATA:a} %{GREEDYDATA:b} %{GREEDYDATA:c} %{GREEDYDATA:d} %{GREEDYDATA:e} !",
        "%{DATA:a} %{DATA:b} %{DATA:c} %{DATA:d} %{DATA:e} !", "^(?:a+ ?)+!", "^(?:(?:a|a)+ )*!", "^(?:\\w+\\s?)*!", "^(?:.*a){1}(?:.|\\s)*!")) {
      assertThat(Grok.pattern(pattern).match(line)).as(pattern).isEmpty();
    }
    assertThat(Grok.pattern("^(?<all>(?:.|\\r|\\n)*)$").match("a\n".repeat(100_000)).orElseThrow().get("all")).isEqualTo("a\n".repeat(100_000));
  }

  @Test
  void refusesContradictions() {
    assertThatThrownBy(() -> Grok.pattern("x").missesDropped().missesTagged("t")).isInstanceOf(IllegalStateException.class)
        .hasMessage("misses are already dropped; keep one such word");
    assertThatThrownBy(() -> Grok.pattern("")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Grok.pattern("x").define("A-B", "x")).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("was 'A-B'");
  }

  @Test
  void describesItselfWithAHashOfItsDefinitions() {
    Grok one = Grok.pattern("%{INT:n}");
    assertThat(one.toString()).matches("%\\{INT:n} \\(\\d{3} definitions, [0-9a-f]{8}\\)").isEqualTo(Grok.pattern("%{INT:n}").toString());
    assertThat(one.define("INT", "\\d").toString()).isNotEqualTo(one.toString());
  }
}
