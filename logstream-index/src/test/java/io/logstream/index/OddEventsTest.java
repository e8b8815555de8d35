package io.logstream.index;

import static io.logstream.match.Condition.phrase;
import static io.logstream.match.Field.field;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

class OddEventsTest {
  @AutoClose private final LogIndex index = LogIndex.maxFields(100).inMemory(Duration.ofHours(6));
  @AutoClose private final Fed fed = new Fed(index);

  @Test void takesAFieldThatIsANumberHereAndTextThere() {
    fed.fields(Map.of("pid", 17)).fields(Map.of("pid", "main")).fields(Map.of("pid", 1.5)).fields(Map.of("pid", true)).fields(Map.of("pid", List.of("x", 9)));
    assertThat(index.size()).isEqualTo(5);
    assertThat(index.count(field("pid").is(17))).isEqualTo(1);
    assertThat(index.count(field("pid").is("main"))).isEqualTo(1);
    assertThat(index.count(field("pid").atLeast(1))).isEqualTo(3);
    assertThat(index.count(field("pid").exists())).isEqualTo(5);
  }

  @Test void takesTextThatIsTooLongForATerm() {
    String longText = "x".repeat(100_000);
    fed.event(Fed.NOON, "a", Map.of("body", longText + "1")).event(Fed.NOON, "b", Map.of("body", longText + "2"));
    assertThat(fed.found(field("body").is(longText + "1"))).containsExactly("a");
    assertThat(fed.found(field("body").is(longText))).isEmpty();
    assertThat(fed.found(field("body").startsWith("x".repeat(1024)))).containsExactly("b", "a");
    assertThat(index.search(LogQuery.all().limit(1)).hits().get(0).text("body")).hasSize(100_001);
    assertThat(fed.counter("cut values")).isEqualTo(2);
  }

  @Test void takesAMessageOfTenMegabytesAndWordsWithoutEnd() {
    String message = "begin " + "w".repeat(40_000) + " end" + " more".repeat(2_000_000);
    fed.message(message).message("w".repeat(300) + " after");
    assertThat(index.search(phrase("begin")).hits().get(0).message()).isEqualTo(message);
    assertThat(index.count(phrase("end"))).isZero();
    assertThat(index.count(phrase("w".repeat(256)))).isEqualTo(2);
    assertThat(index.count(phrase("after"))).isEqualTo(1);
    assertThat(fed.counter("cut values")).isEqualTo(1);
  }

  @Test void keepsFieldsBeyondTheMostNamesWithoutMakingThemSearchable() {
    for (int i = 0; i < 150; i++) {
      fed.event(Fed.NOON, "m" + i, Map.of("field" + i, "v"));
    }
    assertThat(index.size()).isEqualTo(150);
    assertThat(fed.found(field("field99").is("v"))).containsExactly("m99");
    assertThat(fed.found(field("field100").is("v"))).isEmpty();
    assertThat(index.search(phrase("m149")).hits().get(0).fields()).isEqualTo(Map.of("field149", "v"));
    assertThat(fed.counter("unsearchable fields")).isEqualTo(50);
  }

  @Test void takesOneEventOfTenThousandFields() {
    Map<String, Object> fields = new HashMap<>();
    for (int i = 0; i < 10_000; i++) {
      fields.put("f" + i, i);
    }
    fed.event(Fed.NOON, "wide", fields);
    assertThat(index.search(phrase("wide")).hits().get(0).fields()).hasSize(10_000);
    assertThat(fed.counter("unsearchable fields")).isEqualTo(9_900);
  }

  @Test void takesStrangeNames() {
    String longName = "n".repeat(50_000);
    fed.fields(Map.of("", "empty", longName, "long", "!time", "mine", "t", 5, "a b:c", "spaced"));
    assertThat(index.count(field("!time").is("mine"))).isEqualTo(1);
    assertThat(index.count(field("a b:c").is("spaced"))).isEqualTo(1);
    assertThat(index.count(field(longName).exists())).isZero();
    assertThat(index.search(LogQuery.all()).hits().get(0).text(longName)).isEqualTo("long");
  }

  @Test void findsTheFirstValuesOfALongList() {
    List<Object> values = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      values.add("v" + i);
    }
    fed.fields(Map.of("list", values));
    assertThat(index.count(field("list").is("v255"))).isEqualTo(1);
    assertThat(index.count(field("list").is("v256"))).isZero();
    assertThat(index.search(LogQuery.all()).hits().get(0).fields().get("list")).isEqualTo(values);
    assertThat(fed.counter("cut values")).isEqualTo(1);
  }

  @Test void takesEventsWithoutMessageAndWithoutFields() {
    fed.message("").message("...");
    assertThat(index.search(LogQuery.all()).hits()).hasSize(2);
    assertThat(index.count(field("message").exists())).isEqualTo(2);
    assertThat(fed.found("message==...")).containsExactly("...");
  }
}
