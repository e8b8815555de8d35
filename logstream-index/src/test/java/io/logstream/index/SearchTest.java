package io.logstream.index;

import static io.logstream.match.Field.field;
import static io.logstream.match.Condition.not;
import static io.logstream.match.Condition.phrase;
import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.Position;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class SearchTest {
  @AutoClose private final LogIndex index = LogIndex.keyword("zip").number("bytes").inMemory(Duration.ofHours(6));
  @AutoClose private final Fed fed = new Fed(index);

  @Test void findsWordsWithoutRegardToCase() {
    fed.message("Connection REFUSED by peer").message("connected");
    assertThat(fed.found(phrase("connection"))).containsExactly("Connection REFUSED by peer");
    assertThat(fed.found(phrase("Refused"))).hasSize(1);
    assertThat(fed.found(phrase("connect"))).isEmpty();
  }

  @Test void findsPhrasesWhereTheirWordsFollowOneAnother() {
    fed.message("upstream timed out").message("timed upstream out").message("upstream, timed: OUT");
    assertThat(fed.found(phrase("upstream timed out"))).containsExactly("upstream, timed: OUT", "upstream timed out");
  }

  @Test void takesAddressesAndClassNamesAsPhrases() {
    fed.message("from 10.20.30.40").message("from 10.20.30.41 and 40").message("java.lang.NullPointerException: x").message("user=bob id=1")
        .message("user=alice id=bob");
    assertThat(fed.found(phrase("10.20.30.40"))).containsExactly("from 10.20.30.40");
    assertThat(fed.found(phrase("NullPointerException"))).hasSize(1);
    assertThat(fed.found(phrase("java.lang.NullPointerException"))).hasSize(1);
    assertThat(fed.found(phrase("user=bob"))).containsExactly("user=bob id=1");
  }

  @Test void findsWordsOfAnyAlphabetAndAmongBytesThatAreNotText() {
    fed.message("Größe überschritten").message("файл не найден").message("a\uFFFDb \uD83D\uDE00 end");
    assertThat(fed.found(phrase("GRÖßE"))).hasSize(1);
    assertThat(fed.found(phrase("ФАЙЛ"))).hasSize(1);
    assertThat(fed.found(phrase("b end"))).hasSize(1);
  }

  @Test void comparesTextAsAWhole() {
    fed.event(Fed.NOON, "a", Map.of("path", "/api/v1/users", "server", "server-1234"));
    fed.event(Fed.NOON, "b", Map.of("path", "/api/v2", "server", "server-0987"));
    assertThat(fed.found(field("server").is("server-1234"))).containsExactly("a");
    assertThat(fed.found(field("server").is("server"))).isEmpty();
    assertThat(fed.found(field("path").startsWith("/api/"))).containsExactly("b", "a");
    assertThat(fed.found(field("path").startsWith("/api/v1"))).containsExactly("a");
    assertThat(fed.found(field("path").exists())).hasSize(2);
    assertThat(fed.found(not(field("path").startsWith("/api/v1")))).containsExactly("b");
  }

  @Test void comparesNumbersByValueWhateverTheirType() {
    fed.event(Fed.NOON, "long", Map.of("status", 500)).event(Fed.NOON, "double", Map.of("status", 500.0))
        .event(Fed.NOON, "text", Map.of("status", "500")).event(Fed.NOON, "decimal text", Map.of("status", "500.0"))
        .event(Fed.NOON, "more", Map.of("status", 500.5)).event(Fed.NOON, "words", Map.of("status", "abc"));
    assertThat(fed.found(field("status").is(500))).containsExactly("decimal text", "text", "double", "long");
    assertThat(fed.found(field("status").is(500.0))).containsExactly("decimal text", "text", "double", "long");
    assertThat(fed.found(field("status").is("500"))).containsExactly("text", "double", "long");
    assertThat(fed.found(field("status").above(500))).containsExactly("more");
    assertThat(fed.found(field("status").between(500, 501))).hasSize(5);
    assertThat(fed.found(field("status").below(500.5))).hasSize(4);
    assertThat(fed.found(field("status").is("abc"))).containsExactly("words");
  }

  @Test void readsKeywordsNeverAsNumbersAndDeclaredNumbersOnlyAsNumbers() {
    fed.event(Fed.NOON, "a", Map.of("zip", "007", "bytes", "0512")).event(Fed.NOON, "b", Map.of("zip", "7", "bytes", "-"));
    assertThat(fed.found("zip:7")).containsExactly("b");
    assertThat(fed.found("zip:007")).containsExactly("a");
    assertThat(fed.found("zip in (007, 8)")).containsExactly("a");
    assertThat(fed.found("zip>=7")).containsExactly("b", "a");
    assertThat(fed.found(field("zip").is("7"))).containsExactly("b");
    assertThat(fed.found(field("bytes").is(512))).containsExactly("a");
    assertThat(fed.found(field("bytes").is("512"))).isEmpty();
    assertThat(fed.found(field("bytes").is("0512"))).containsExactly("a");
    assertThat(fed.found(field("bytes").startsWith("0"))).containsExactly("a");
    assertThat(fed.found(field("bytes").is("-"))).containsExactly("b");
  }

  @Test void keepsNumbersApartThatADoubleCannotTell() {
    fed.event(Fed.NOON, "a", Map.of("id", 9007199254740993L)).event(Fed.NOON, "b", Map.of("id", "9007199254740992"));
    assertThat(fed.found(field("id").is(9007199254740993L))).containsExactly("a");
    assertThat(fed.found(field("id").is(9007199254740992L))).containsExactly("b");
    assertThat(fed.found(field("id").above(9007199254740992.0))).containsExactly("a");
  }

  @Test void findsBooleansAndAnyValueOfAList() {
    fed.event(Fed.NOON, "a", Map.of("ok", true, "tags", List.of("red", 5, false))).event(Fed.NOON, "b", Map.of("ok", "true"));
    assertThat(fed.found(field("ok").is(true))).containsExactly("b", "a");
    assertThat(fed.found(field("ok").is("true"))).containsExactly("b", "a");
    assertThat(fed.found(field("tags").is("red"))).containsExactly("a");
    assertThat(fed.found(field("tags").is(5))).containsExactly("a");
    assertThat(fed.found(field("tags").is(false))).containsExactly("a");
  }

  @Test void treatsNaNAndZeroesAsArithmeticDoes() {
    fed.event(Fed.NOON, "nan", Map.of("x", Double.NaN)).event(Fed.NOON, "minus zero", Map.of("x", -0.0))
        .event(Fed.NOON, "infinite", Map.of("x", Double.POSITIVE_INFINITY));
    assertThat(fed.found(field("x").is(0))).containsExactly("minus zero");
    assertThat(fed.found(field("x").below(0))).isEmpty();
    assertThat(fed.found(field("x").above(1e308))).containsExactly("infinite");
    assertThat(fed.found(field("x").above(Double.POSITIVE_INFINITY))).isEmpty();
    assertThat(fed.found(field("x").exists())).hasSize(3);
  }

  @Test void findsNothingInFieldsThatNoEventHas() {
    fed.message("a");
    assertThat(fed.found(field("nowhere").is("x"))).isEmpty();
    assertThat(fed.found(field("nowhere").atLeast(1))).isEmpty();
    assertThat(fed.found(field("nowhere").exists())).isEmpty();
    assertThat(fed.found(not(field("nowhere").startsWith("x")))).containsExactly("a");
  }

  @Test void givesTheNewestFirstAndOfOneTimeTheLastToComeIn() {
    fed.event(Fed.NOON.plusSeconds(2), "late", Map.of()).event(Fed.NOON, "first", Map.of()).event(Fed.NOON.plusSeconds(1), "middle", Map.of())
        .event(Fed.NOON, "second", Map.of());
    assertThat(fed.found(LogQuery.all())).containsExactly("late", "middle", "second", "first");
    assertThat(fed.found(LogQuery.all().limit(2))).containsExactly("late", "middle");
    assertThat(index.search(LogQuery.all().limit(2)).total()).isEqualTo(4);
  }

  @Test void boundsTimesToTheMillisecondSinceIncludedUntilNot() {
    fed.event(Fed.NOON.minusMillis(1), "before", Map.of()).event(Fed.NOON, "noon", Map.of()).event(Fed.NOON.plusMillis(1), "after", Map.of());
    assertThat(fed.found(LogQuery.all().since(Fed.NOON))).containsExactly("after", "noon");
    assertThat(fed.found(LogQuery.all().until(Fed.NOON))).containsExactly("before");
    assertThat(fed.found(LogQuery.all().since(Fed.NOON.plusNanos(1)))).containsExactly("after");
    assertThat(fed.found(LogQuery.all().until(Fed.NOON.plusNanos(1)))).containsExactly("noon", "before");
    assertThat(fed.found(LogQuery.all().since(Fed.NOON).until(Fed.NOON))).isEmpty();
    assertThat(fed.found(LogQuery.all().since(Instant.MIN).until(Instant.MAX))).hasSize(3);
    assertThat(fed.found(LogQuery.all().until(Instant.MIN))).isEmpty();
    assertThat(fed.found(LogQuery.all().since(Instant.MAX))).isEmpty();
  }

  @Test void givesBackTheWholeEvent() {
    Map<String, Object> fields = Map.of("text", "GET", "long", -7L, "double", 0.1, "yes", true, "no", false, "list", Arrays.asList("a", 1L, 2.5, null, true));
    fed.event(Fed.NOON, "GET /x", fields);
    LogHit hit = index.search(LogQuery.all()).hits().get(0);
    assertThat(hit.time()).isEqualTo(Fed.NOON);
    assertThat(hit.message()).isEqualTo("GET /x");
    assertThat(hit.fields()).isEqualTo(fields);
    assertThat(hit.position()).isEqualTo(new Position("/var/log/app.log", "7", 0));
    assertThat(hit.id()).isEqualTo(hit.position().toString());
    assertThat(hit.file()).isEqualTo("/var/log/app.log");
    assertThat(hit.host()).isEqualTo("web-1");
    assertThat(hit.text("long")).isEqualTo("-7");
    assertThat(hit.text("message")).isEqualTo("GET /x");
    assertThat(hit.sequence()).isZero();
    assertThat(fed.found(field("host").is("web-1"))).hasSize(1);
  }

  @Test void keepsTheIdOfEventsThatAStageMade() {
    try (LogIndex other = LogIndex.inMemory(Duration.ofHours(1)); Fed rows = new Fed(other, e -> e.identifiedBy("row 1", List.of("key")))) {
      rows.message("x");
      assertThat(other.search(LogQuery.all()).hits().get(0).id()).isEqualTo("row 1");
    }
  }

  @Test void keepsTextThatIsAPartOfTheMessageAsItIs() {
    try (LogIndex other = LogIndex.inMemory(Duration.ofHours(1));
        Fed parts = new Fed(other, e -> e.put("method", e.message().substring(0, 3)))) {
      parts.message("GET /größe");
      assertThat(other.search(field("method").is("GET")).hits().get(0).fields()).isEqualTo(Map.of("method", "GET"));
    }
  }
}
