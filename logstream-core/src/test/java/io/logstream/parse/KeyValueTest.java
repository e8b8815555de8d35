package io.logstream.parse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import io.logstream.LogEvent;
import io.logstream.Ran;
import io.logstream.Stage;
import io.logstream.testing.StageContract;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class KeyValueTest {
  private static Map<String, Object> read(KeyValue stage, String text) {
    Ran ran = Ran.over(List.of(text), stage);
    assertThat(ran.failed()).isEmpty();
    return ran.passed().get(0).fields();
  }

  @Test void readsLogfmt() {
    assertThat(read(KeyValue.fields(), "ts=2024-05-01T12:00:00Z level=info  msg=\"all \\\"well\\\"\\nhere\" n=5 empty= none=\"\" path=/a?b=c"))
        .containsExactly(entry("ts", "2024-05-01T12:00:00Z"), entry("level", "info"), entry("msg", "all \"well\"\nhere"), entry("n", "5"), entry("empty", ""),
            entry("none", ""), entry("path", "/a?b=c"));
  }

  @Test void passesOverWordsOfProse() {
    assertThat(read(KeyValue.fields(), "connection failed: user=bob = x =y it's host='a b' don't=can't")).containsExactly(entry("user", "bob"), entry("host", "a b"),
        entry("don't", "can't"));
  }

  @Test void makesBareWordsTrueWhenTold() {
    assertThat(read(KeyValue.fields().bareWordsTrue(), "debug level=info retry")).containsExactly(entry("debug", true), entry("level", "info"), entry("retry", true));
  }

  @Test void cutsAtOtherSeparators() {
    assertThat(read(KeyValue.fields().pairsAt(';').valuesAt(':'), "a: 1 ; b c : two words ;d:\"x;y\"; e")).containsExactly(entry("a", "1"), entry("b c", "two words"),
        entry("d", "x;y"));
    assertThat(read(KeyValue.fields().pairsAt(','), "a=1, b=2,,c= \"3\"")).containsExactly(entry("a", "1"), entry("b", "2"), entry("c", "3"));
    assertThatThrownBy(() -> KeyValue.fields().pairsAt('=')).hasMessage("pairs and values cannot be separated by the same character, '='");
    assertThatThrownBy(() -> KeyValue.fields().valuesAt('"')).hasMessage("valuesAt takes a character of ASCII that is no quote and no backslash, was '\"'");
  }

  @Test void takesTheLastOfAKeyOrAll() {
    assertThat(read(KeyValue.fields(), "a=1 a=2")).containsExactly(entry("a", "2"));
    assertThat(read(KeyValue.fields().repeatedAsList(), "a=1 b=0 a=\"2\\t\" a=3")).containsExactly(entry("a", List.of("1", "2\t", "3")), entry("b", "0"));
  }

  @Test void readsAFieldUnderAPrefix() {
    LogEvent event = Ran.over(List.of("m"), Stage.each(e -> e.put("kv", List.of("a=1", 2))), KeyValue.fields().from("kv").pairsAt(',').under("p")).passed().get(0);
    assertThat(event.text("p.[a")).isEqualTo("1");
  }

  @Test void failsWhatItCannotRead() {
    Ran ran = Ran.over(List.of("no pair here", "a=1 b=\"open", "a=1 b=2 c=3"), KeyValue.fields().most(2));
    assertThat(ran.failed()).extracting(e -> e.text("failure.cause")).containsExactly("no key=value pair", "quote not closed", "too many fields");
    assertThat(ran.failed().get(1).text("failure.detail")).isEqualTo("the one at byte 6");
    assertThat(ran.failed()).noneMatch(e -> e.has("a"));
  }

  @Test void keepsTheRulesOfAStage() {
    StageContract.check(KeyValue.fields(), "a=1 b=\"x\\n\"", "b=2", "none", "a=\"", "message=new c=3", "a=1 a=2", "", "d=é");
  }
}
