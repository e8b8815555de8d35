package io.logstream.match;

import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.LogEvent;
import io.logstream.Ran;
import io.logstream.testing.Seed;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class QueryFuzzTest {
  private static final Instant NOW = Instant.parse("2026-11-20T12:00:00Z");
  private static final String[] PIECES = {"a", "status", "level", "message", "x.y", "5xx", ":", ":", ">=", "<", "==", "!=", "~/", "/", "(", ")", "(", ")", "\"", "\"", "\\", "*", "[", "]", "{",
      "}", " TO ", " AND ", " OR ", "NOT ", "-", "!", " ", " ", " ", "500", "-3", "1e5", "since:", "until:", "last:15m", "@today", "2026-11-20", "now", "_exists_:", " contains ", " in ",
      " startsWith ", ",", "=", "~2", "http://x", "\u00e9", "\ud83d\ude00", "\ud800", "\u0000", "\n", "\\u0041", "{2000}", "(a|b)*", "é"};
  private static final String[] TEXTS = {"", "a", "a b", "500", "-7", "0.5", "NOT", "or", "x*", "\\", "\\\\u0041", "\"q\"", "(p)", "[1 TO 2]", "-x", "~x", "~2", "a~2", "tab\there", "line\nbreak", "é ü",
      "\u00a0", "C:\\new", "a,b", "=", ":", "since:now", "1e400", "007", "+5", "true"};

  @Test void neverFailsInAnotherWayThanWithAPositionInTheText() throws Exception {
    Seed.random(random -> {
      int understood = 0;
      for (int i = 0; i < 30_000; i++) {
        StringBuilder query = new StringBuilder();
        for (int n = random.nextInt(20); n >= 0; n--) {
          query.append(PIECES[random.nextInt(PIECES.length)]);
        }
        String text = query.toString();
        try {
          Condition read = Condition.parseAt(text, NOW, ZoneOffset.UTC);
          understood++;
          assertThat(Condition.parseAt(read.toString(), NOW, ZoneOffset.UTC)).as("%s printed as %s", text, read).isEqualTo(read);
        } catch (QueryException e) {
          assertThat(e.position()).as(text).isBetween(0, text.length());
        }
      }
      assertThat(understood).isGreaterThan(1_000);
    });
  }

  @Test void printsWhatParsesToTheSameTreeAndBothFormsAgree() throws Exception {
    Seed.random(random -> {
      for (int i = 0; i < 20_000; i++) {
        Condition made = condition(random, 3);
        assertThat(Condition.parseAt(made.toString(), NOW, ZoneOffset.UTC)).as(made.toString()).isEqualTo(made);
      }
      for (int i = 0; i < 100; i++) {
        Condition made = condition(random, 3);
        List<String> lines = List.of("a b 500", "", "x* (p) C:\\new", "é ü a~2");
        long plain = lines.stream().filter(line -> made.test(LogEvent.of(line).time(Instant.EPOCH))).count();
        assertThat(Ran.over(lines, io.logstream.Stage.each(e -> e.time(Instant.EPOCH)), Keep.when(made)).passed()).as(made.toString()).hasSize((int) plain);
      }
    });
  }

  static Condition condition(Random random, int depth) {
    String name = List.of("a", "message", "5xx", "x y", "http.status-code", "AND", "since", "level", "é", "a:b", "contains", "in").get(random.nextInt(12));
    Field field = Field.field(name);
    String text = TEXTS[random.nextInt(TEXTS.length)];
    Number number = List.of(0, 5, -3, 0.5, 1e300, Long.MAX_VALUE, Long.MIN_VALUE, -0.0, 500.0).get(random.nextInt(9));
    return switch (random.nextInt(depth == 0 ? 13 : 18)) {
      case 0 -> field.is(text);
      case 1 -> field.is(number);
      case 2 -> field.isOneOf(text, number, TEXTS[random.nextInt(TEXTS.length)]);
      case 3 -> field.atLeast(number);
      case 4 -> field.above(number);
      case 5 -> field.below(number);
      case 6 -> field.atMost(number);
      case 7 -> field.between(-7, 2.5e300);
      case 8 -> field.startsWith(text);
      case 9 -> field.contains(text);
      case 10 -> field.exists();
      case 11 -> field.matches(List.of("a+", "^/x/", "\\d", "\\\\", "[\"/]").get(random.nextInt(5)));
      case 12 -> random.nextBoolean() ? Condition.phrase("Connection refused") : Condition.phrase(random.nextBoolean() ? "in" : "Error");
      case 13 -> Condition.not(condition(random, depth - 1));
      case 14, 15 -> condition(random, depth - 1).or(condition(random, depth - 1));
      case 16 -> Condition.parseAt(random.nextBoolean() ? "since:2026-01" : "since:2026-01 until:2027", NOW, ZoneOffset.UTC);
      default -> condition(random, depth - 1).and(condition(random, depth - 1));
    };
  }
}
