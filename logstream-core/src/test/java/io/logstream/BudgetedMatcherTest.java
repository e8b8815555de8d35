package io.logstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class BudgetedMatcherTest {
  @Test
  void catastrophicPatternsEndInTheirBudget() {
    for (String regex : new String[] {"(.*a){20}", "(a+)+\\1b", "(?:(a+)+\\1)+b", "(a|a?)+\\1b", "(.*)*\\1!"}) {
      BudgetedMatcher matcher = new BudgetedMatcher(Pattern.compile(regex));
      String text = "a".repeat(40) + ".";
      assertThatThrownBy(() -> matcher.matches(text)).as(regex).isInstanceOf(BudgetedMatcher.BudgetExceeded.class).hasMessageContaining("step budget")
          .hasMessageContaining(regex);
      assertThat(matcher.find("b")).as("usable afterwards").isEqualTo(Pattern.compile(regex).matcher("b").find());
    }
  }

  @Test
  void anOverflowOfTheStackIsABudgetFailureToo() {
    BudgetedMatcher matcher = new BudgetedMatcher(Pattern.compile("(.|\r|\n)*"));
    String text = "x\n".repeat(500_000);
    assertThatThrownBy(() -> matcher.matches(text)).isInstanceOf(BudgetedMatcher.BudgetExceeded.class).hasMessageContaining("overflowed the stack")
        .hasMessageContaining("1000000 characters");
    assertThatThrownBy(() -> matcher.find(text)).isInstanceOf(BudgetedMatcher.BudgetExceeded.class);
    assertThatThrownBy(() -> matcher.replaceAll(text, "")).isInstanceOf(BudgetedMatcher.BudgetExceeded.class);
    assertThat(matcher.matches("short")).isTrue();
  }

  @Test
  void repeatingWhatMatchesNothingEndsInTheBudgetToo() {
    for (String regex : new String[] {"(?:^){2000000000}", "(^){2000000000}", "(?:(?:^){50000}){50000}", "(?:a?){2000000000}", "(?:){2000000000}", "\\G{2000000000}",
        "(?:\\b){2000000000}", "((?=^)|$){2000000000}", "(?x) (?: ^ ) # twice\n {2000000000}", "(?=(?:^){2000000000})x", "[^\\](\\Q|)\\E]{3,}|(?:$){1000000}",
        "(?:|)".repeat(40) + "x", "(?:(?:a?)?)".repeat(50) + "x", "(?:(?<a>a?)|\\k<a>){1000000}+x",
        "#(?:^){2000000000}\n(?x)", "(?x:a#(\n)(?-x)#(?:^){2000000000}"}) {
      BudgetedMatcher matcher = new BudgetedMatcher(Pattern.compile(regex));
      for (String text : new String[] {"", "a", "aaaa", "x\n"}) {
        assertThatThrownBy(() -> matcher.find(text)).as(regex).isInstanceOf(BudgetedMatcher.BudgetExceeded.class).hasMessageContaining("repeats what can match nothing");
      }
    }
  }

  @Test
  void whatRepeatsNothingLessOftenIsBounded() {
    for (String regex : new String[] {"(?:a|b?)*(?:$){100000}x", "(?:(?:^){1000}|a)*x", "a*a*a*(?:(?:$|\\z)){10000}x", "(?:(?:a?)?)".repeat(15) + "$x"}) {
      BudgetedMatcher matcher = new BudgetedMatcher(Pattern.compile(regex));
      try {
        assertThat(matcher.find("a".repeat(2_000))).as(regex).isFalse();
      } catch (BudgetedMatcher.BudgetExceeded e) {
        assertThat(e).as(regex).hasMessageContaining("2000 characters");
      }
    }
  }

  @Test
  void ordinaryExpressionsTakeNoStepsWithoutALook() {
    for (String regex : new String[] {"^\\d{4}-\\d\\d-\\d\\d ", "(?:(\\w+)=(\"[^\"]*\"|\\S*) ?){1,50}", "^(?<ip>\\S+)(?: (?:-|(\\S+)))? \\[([^]]*)\\]$", "(?i)error|warn(?:ing)?",
        "a{2000}", "[^()|{5}]{1000000}", "\\Q(?:^){2000000000}\\E", "\\p{Alpha}{9}\\x{41}{3}"}) {
      assertThat(EmptySteps.of(Pattern.compile(regex))).as(regex).isEqualTo(1);
    }
    assertThat(EmptySteps.of(Pattern.compile("(?:^){9}", Pattern.LITERAL))).isEqualTo(1);
    assertThat(EmptySteps.of(Pattern.compile("(?:^){9}"))).isEqualTo(9);
    assertThat(EmptySteps.of(Pattern.compile("a # )\n(?: ^ ) {9}", Pattern.COMMENTS))).isEqualTo(9);
  }

  @Test
  void allMatchesOfATextShareOneBudget() {
    BudgetedMatcher matcher = new BudgetedMatcher(Pattern.compile("a"), 1);
    assertThat(matcher.find("ba".repeat(10))).isTrue();
    int found = 1;
    while (matcher.findNext()) {
      found++;
    }
    assertThat(found).isEqualTo(10);
    BudgetedMatcher replacing = new BudgetedMatcher(Pattern.compile("(a+)+\\1b"), 1_000);
    assertThatThrownBy(() -> replacing.replaceAll("a".repeat(60), "")).isInstanceOf(BudgetedMatcher.BudgetExceeded.class);
  }

  @Test
  void ordinaryResultsAreThoseOfJavaUtilRegex() {
    String[] patterns = {"(\\d+)-(?<word>[a-c]+)?", "^a|b$", "\\bcab\\b", "(a)(b)?(c)?", "", "(?i)CA", "[\\p{L}]+", "\u00e9|\\x{1F600}", "(?<=a)b", "a{2,3}?", "(.)\\1"};
    Random random = new Random(9);
    for (String regex : patterns) {
      Pattern pattern = Pattern.compile(regex);
      BudgetedMatcher matcher = new BudgetedMatcher(pattern);
      for (int round = 0; round < 300; round++) {
        StringBuilder text = new StringBuilder();
        for (int n = random.nextInt(25); n > 0; n--) {
          text.append(new String[] {"a", "b", "c", " ", "-", "1", "2", "\u00e9", "\ud83d\ude00", "\n"}[random.nextInt(10)]);
        }
        Matcher plain = pattern.matcher(text);
        boolean found = matcher.find(text);
        while (plain.find()) {
          assertThat(found).isTrue();
          for (int g = 0; g <= plain.groupCount(); g++) {
            assertThat(matcher.start(g)).isEqualTo(plain.start(g));
            assertThat(matcher.end(g)).isEqualTo(plain.end(g));
            assertThat(matcher.group(g)).isEqualTo(plain.group(g));
          }
          found = matcher.findNext();
        }
        assertThat(found).isFalse();
        assertThat(matcher.matches(text)).isEqualTo(plain.matches());
        assertThat(matcher.replaceAll(text, "<$0>")).isEqualTo(plain.replaceAll("<$0>"));
        byte[] utf8 = ("xx" + text + "yy").getBytes(StandardCharsets.UTF_8);
        assertThat(matcher.find(utf8, 2, utf8.length - 2)).isEqualTo(pattern.matcher(text).find());
      }
    }
    BudgetedMatcher named = new BudgetedMatcher(Pattern.compile(patterns[0]));
    assertThat(named.find("17-abc")).isTrue();
    assertThat(named.group("word")).isEqualTo("abc");
    assertThat(named.find("17-")).isTrue();
    assertThat(named.group("word")).isNull();
  }

  @Test
  void anEventWhosePatternRunsAwayFailsAndTheNextComes() {
    BudgetedMatcher matcher = new BudgetedMatcher(Pattern.compile("(a+)+\\1b"));
    InlineRun run = LogStream.named("p").from(TestLines.of("aab", "a".repeat(50), "aaab")).then("match", Stage.each(e -> matcher.matches(e.message()))).build()
        .inline(java.time.InstantSource.system());
    run.work();
    run.close();
    assertThat(run.ledger().stage("match").failed("step budget exceeded")).isEqualTo(1);
    assertThat(run.ledger().stage("match").passed()).isEqualTo(2);
    assertThat(run.ledger().imbalances()).isEmpty();
  }

  @Test
  void refusesABudgetOfNothing() {
    assertThatThrownBy(() -> new BudgetedMatcher(Pattern.compile("a"), 0)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("was 0");
  }
}
