package io.logstream.parse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import io.logstream.Ran;
import io.logstream.Stage;
import io.logstream.testing.StageContract;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DissectTest {
  private static Map<String, Object> cut(Dissect stage, String text) {
    Ran ran = Ran.over(List.of(text), stage);
    assertThat(ran.failed()).isEmpty();
    return ran.passed().get(0).fields();
  }

  private static Map<String, Object> cut(String pattern, String text) {
    return cut(Dissect.pattern(pattern), text);
  }

  @Test void cutsAtWhatStandsBetween() {
    assertThat(cut("%{a} %{b}: %{msg}", "x y: all the: rest")).containsExactly(entry("a", "x"), entry("b", "y"), entry("msg", "all the: rest"));
    assertThat(cut("[%{a}]--[%{b}]", "[1]-]--[]")).containsExactly(entry("a", "1]-"), entry("b", ""));
    assertThat(cut("%{all}", "")).containsExactly(entry("all", ""));
    assertThat(cut("%{a},%{b} end", "x,y end z end")).containsExactly(entry("a", "x"), entry("b", "y end z"));
  }

  @Test void addsToAFieldWithWhatStoodBetween() {
    assertThat(cut("%{ts} %{+ts} %{+ts} %{host}", "Mar 16 00:01:25 evita")).containsExactly(entry("ts", "Mar 16 00:01:25"), entry("host", "evita"));
    assertThat(cut("%{d}T%{+d},%{x}/%{+d}", "a Tb,c/d")).containsEntry("d", "a Tb/d").containsEntry("x", "c");
    assertThat(cut("%{+order/3} %{+order/1} %{+order/2} %{go}", "1 2 3 go")).containsExactly(entry("order", "2 3 1"), entry("go", "go"));
    assertThat(cut(Dissect.pattern("%{+name} %{+name} %{+name}").joinedBy(""), "john jacob smith")).containsExactly(entry("name", "johnjacobsmith"));
    assertThat(cut(Dissect.pattern("%{+n/2},%{+n/1}").joinedBy("+"), "b,a")).containsExactly(entry("n", "a+b"));
  }

  @Test void passesOverPartsAndPadding() {
    assertThat(cut("%{} %{?id} %{x}", "a b c")).containsExactly(entry("x", "c"));
    assertThat(cut("%{level->} %{logger}", "INFO     a.B")).containsExactly(entry("level", "INFO"), entry("logger", "a.B"));
    assertThat(cut("%{->},%{x}", "a,,,b")).containsExactly(entry("x", "b"));
    assertThat(cut("%{a->} %{+a}", "x   y")).containsExactly(entry("a", "x y"));
    assertThat(cut("%{a->}, ", "x, , ")).containsExactly(entry("a", "x"));
  }

  @Test void takesNamesFromTheText() {
    assertThat(cut("%{*k}=%{&k} %{?n}:%{&n}", "user=bob host:web")).containsExactly(entry("user", "bob"), entry("host", "web"));
    assertThat(cut("%{&k}=%{*k}", "bob=user")).containsExactly(entry("user", "bob"));
  }

  @Test void putsTheMessageInPlaceOfTheMessage() {
    assertThat(Ran.over(List.of("a: b c"), Dissect.pattern("%{app}: %{message} %{x}")).messages()).containsExactly("b");
  }

  @Test void cutsAField() {
    Ran ran = Ran.over(List.of("m", "n"), Stage.each(e -> {
      if (e.message().equals("m")) {
        e.put("f", 12.5);
      }
    }), Dissect.pattern("%{a}.%{b}").from("f"));
    assertThat(ran.passed().get(0).fields()).containsEntry("a", "12").containsEntry("b", "5");
    assertThat(ran.failed().get(0).text("failure.cause")).isEqualTo("no field 'f'");
  }

  @Test void saysWhatItWantedWhereItDoesNotFit() {
    Ran ran = Ran.over(List.of("a-b", "[a b", "[a] b"), Dissect.pattern("[%{a}] %{b}x"));
    assertThat(ran.failed()).extracting(e -> e.text("failure.cause")).containsOnly("dissect: no match");
    assertThat(ran.failed()).extracting(e -> e.text("failure.detail")).containsExactly("wanted '[' from byte 0 on, found 'a-b'",
        "wanted '] ' from byte 1 on, found 'a b'", "wanted 'x' from byte 4 on, found 'b'");
  }

  @Test void refusesPatternsThatAreNone() {
    assertThatThrownBy(() -> Dissect.pattern("abc")).hasMessage("Dissect.pattern(\"abc\"): it has no %{field}");
    assertThatThrownBy(() -> Dissect.pattern("%{a")).hasMessage("Dissect.pattern(\"%{a\"): the %{ at index 0 is not closed");
    assertThatThrownBy(() -> Dissect.pattern("%{a}%{b}")).hasMessage("Dissect.pattern(\"%{a}%{b}\"): nothing stands between %{a} and %{b} to cut at");
    assertThatThrownBy(() -> Dissect.pattern("%{a} %{a}")).hasMessage("Dissect.pattern(\"%{a} %{a}\"): %{a} stands in it twice; write %{+a} to add to a field");
    assertThatThrownBy(() -> Dissect.pattern("%{+a/x} b")).hasMessageContaining("no number behind its slash");
    assertThatThrownBy(() -> Dissect.pattern("%{&k} b")).hasMessageContaining("has no %{*k} that names it");
    assertThatThrownBy(() -> Dissect.pattern("%{a->}")).hasMessageContaining("is the last part");
  }

  @Test void keepsTheRulesOfAStage() {
    StageContract.check(Dissect.pattern("%{a} %{b}: %{+a} %{message}"), "x y: z m", "x y", "", "é ü: ß rest of it", "a b: c d e", "  :  ");
  }
}
