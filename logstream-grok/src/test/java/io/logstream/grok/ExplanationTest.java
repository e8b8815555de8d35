package io.logstream.grok;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ExplanationTest {
  private static final String LINE = "83.149.9.216 - - [17/May/2015:10:05:03 +0000] \"GET /a HTTP/1.1\" 200 20 \"-\" \"M\"";
  private final Grok access = Grok.pattern("%{COMBINEDAPACHELOG}");

  @Test
  void saysHowFarALineMatches() {
    Grok.Explanation explanation = access.explain(LINE);
    assertThat(explanation.matched()).isTrue();
    assertThat(explanation.at()).isEqualTo(LINE.length());
  }

  @Test
  void namesTheElementThatFailedAndWhatStoodThere() {
    Grok.Explanation explanation = access.explain(LINE.replace("May", "Mai"));
    assertThat(explanation.matched()).isFalse();
    assertThat(explanation.definition()).isEqualTo("MONTH");
    assertThat(explanation.reference()).isEqualTo("%{COMBINEDAPACHELOG}");
    assertThat(explanation.wanted()).contains("'May'");
    assertThat(explanation.found()).startsWith("i/2015");
    assertThat(explanation.at()).isEqualTo(LINE.indexOf("ay/2015") + 1);
    assertThat(explanation).asString().startsWith("no match: came to character 23, where 'i/2015").contains("of MONTH, which is part of %{COMBINEDAPACHELOG}");
  }

  @Test
  void countsCharactersAndNotBytes() {
    assertThat(Grok.pattern("^äöü %{INT:n}$").explain("äöü x")).extracting(Grok.Explanation::at, Grok.Explanation::found).containsExactly(4, "x");
  }

  @Test
  void proposesADefinitionThatWouldMatch() {
    assertThat(access.explain(LINE.replace("17/May/2015:10:05:03 +0000", "2015-05-17T10:05:03Z")).near()).startsWith("TIMESTAMP_ISO8601");
  }

  @Test
  void explainsThePatternThatComesFurthest() {
    Grok two = Grok.pattern("^%{INT:n}$").orElse("^%{WORD:w} %{INT:n}$");
    assertThat(two.explain("load x").pattern()).isEqualTo("^%{WORD:w} %{INT:n}$");
    assertThat(Grok.pattern("a").orElse("ab").explain("abc").wanted()).isEqualTo("the end of the text");
  }

  @Test
  void doesNotKnowWhereOnlyJavaUtilRegexDoesIt() {
    Grok back = Grok.pattern("(?<a>\\w)\\k<a>");
    assertThat(back.explain("ab").wanted()).contains("only java.util.regex knows");
    assertThat(back.plan().get(0).engine()).isEqualTo("java.util.regex");
  }

  @Test
  void plansToCompileEveryBuiltInDefinition() {
    for (String name : Library.builtIn().names()) {
      Grok.Plan plan = Grok.pattern("%{" + name + ":all}").plan().get(0);
      assertThat(plan.engine()).as(plan.toString()).isEqualTo("compiled");
      assertThat(plan.why()).isEmpty();
    }
  }
}
