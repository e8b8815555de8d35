package io.logstream.parse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import io.logstream.LogEvent;
import io.logstream.LogStream;
import io.logstream.Ran;
import io.logstream.Sink;
import io.logstream.Stage;
import io.logstream.testing.StageContract;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FieldStepsTest {
  private static LogEvent of(String field, Object value, Stage... stages) {
    Stage[] all = new Stage[stages.length + 1];
    all[0] = Stage.each(e -> e.put(field, value));
    System.arraycopy(stages, 0, all, 1, stages.length);
    return Ran.over(List.of("m"), all).passed().get(0);
  }

  // ---------------------------------------------------------------- URLs

  @Test void takesAUrlApart() {
    assertThat(of("u", "https://bob:secret@shop.example:8443/cart/a%20b?id=7&x=#top", UrlParts.of("u"), Remove.fields("u")).fields()).containsOnly(
        entry("url.scheme", "https"), entry("url.username", "bob"), entry("url.domain", "shop.example"), entry("url.port", 8443L), entry("url.path", "/cart/a%20b"),
        entry("url.query", "id=7&x="), entry("url.fragment", "top"));
    assertThat(of("u", "/a?b", UrlParts.of("u").under("r"), Remove.fields("u")).fields()).containsOnly(entry("r.path", "/a"), entry("r.query", "b"));
    assertThat(of("u", "http://[2001:db8::1]:80", UrlParts.of("u"), Remove.fields("u")).fields()).containsOnly(entry("url.scheme", "http"),
        entry("url.domain", "[2001:db8::1]"), entry("url.port", 80L));
    assertThat(of("u", "http://h:99999/", UrlParts.of("u"), Remove.fields("u")).fields()).containsOnly(entry("url.scheme", "http"), entry("url.domain", "h"), entry("url.path", "/"));
    assertThat(of("u", "", UrlParts.of("u"), Remove.fields("u")).fields()).isEmpty();
  }

  @Test void readsParametersOfAUrl() {
    assertThat(of("u", "/s?q=red+hat&p=%C3%A9%2&p=2&&=x&flag&a%20b=%3D#f=1", QueryString.of("u"), Remove.fields("u")).fields()).containsOnly(
        entry("query.q", "red hat"), entry("query.p", List.of("é%2", "2")), entry("query.flag", ""), entry("query.a b", "="));
    assertThat(of("u", "a=1", QueryString.of("u").under("x")).text("x.a")).isEqualTo("1");
    assertThat(of("u", "/a=1", QueryString.of("u"), Remove.fields("u")).fields()).isEmpty();
    assertThat(of("u", "?a=1&b=2&c=3", QueryString.of("u").most(2), Remove.fields("u")).fields()).hasSize(2);
  }

  @ParameterizedTest
  @CsvSource({"/orders/123,/orders/{id}", "/orders/123?page=2,/orders/{id}", "/a/b,/a/b", "/a/b?x,/a/b", "/1/2/x3,/{id}/{id}/x3", "/u/0189f7ea-ae2c-7a5f-8d0c-1f2e3d4c5b6a/x,/u/{uuid}/x",
      "/c/4a5068e1,/c/{hex}", "/c/deadbeef,/c/deadbeef", "/d/2024-05-01/x,/d/{date}/x", "/m/bob@shop.example,/m/{email}", "/m/bob%40shop.example,/m/{email}", "/img/42.png,/img/{id}.png",
      "/logstash-monitorama-2013/x,/logstash-monitorama-2013/x", "/t/Zm9vYmFyYmF6cXV4MTIzNDU2,/t/{token}", "/x;jsessionid=5,/x", "https://h.example/v2/7/,https://h.example/v2/{id}/", "12,{id}", "/v1.2,/v1.2"})
  void makesRoutesOfPaths(String path, String route) {
    assertThat(of("p", path, NormalizePath.of("p")).text("p")).isEqualTo(route);
    LogEvent both = of("p", path, NormalizePath.of("p").into("r"));
    assertThat(both.text("r")).isEqualTo(route);
    assertThat(both.text("p")).isEqualTo(path);
  }

  @Test void leavesFewRoutesOfAMillionRandomIds() {
    SplittableRandom random = new SplittableRandom(42);
    Set<String> routes = new TreeSet<>();
    Stage path = Stage.inOrder(e -> e.put("p", switch (random.nextInt(4)) {
      case 0 -> "/orders/" + random.nextLong(Long.MAX_VALUE) + "/items/" + random.nextInt(100);
      case 1 -> "/users/" + new UUID(random.nextLong(), random.nextLong());
      case 2 -> "/carts/" + String.format(Locale.ROOT, "%016x", random.nextLong()) + "?step=" + random.nextLong();
      default -> "/search?q=" + random.nextLong();
    }));
    Bytewise.run(LogStream.named("p").from(new Bytewise(Collections.nCopies(1_000_000, new byte[] {'x'}))).then("path", path).then(NormalizePath.of("p"))
        .to(Sink.each(e -> routes.add(e.text("p")))).build());
    // an identifier of sixteen hexadecimal digits is all digits once in two thousand
    assertThat(routes).containsExactly("/carts/{hex}", "/carts/{id}", "/orders/{id}/items/{id}", "/search", "/users/{uuid}");
  }

  // ---------------------------------------------------------------- values

  @Test void looksValuesUp() {
    Lookup names = Lookup.of(Map.of(503, "unavailable", "200", "ok")).from("status").into("said");
    assertThat(of("status", 503, names).text("said")).isEqualTo("unavailable");
    assertThat(of("status", "200", names).text("said")).isEqualTo("ok");
    assertThat(of("status", "404", names).has("said")).isFalse();
    assertThat(of("status", "404", names.otherwise("?")).text("said")).isEqualTo("?");
    assertThat(of("other", "404", names.otherwise("?")).has("said")).isFalse();
    assertThat(of("a", "x", Lookup.of(Map.of("x", 5)).from("a").into("n")).value("n")).isEqualTo(5L);
    assertThatThrownBy(() -> Lookup.of(Map.of(1, "a", "1", "b"))).hasMessage("Lookup.of(..) has two keys that are the text '1'");
    assertThatThrownBy(() -> Lookup.of(Map.of("a", List.of()))).hasMessageContaining("takes text, numbers, booleans and enum constants");
    assertThatThrownBy(() -> Ran.over(List.of(""), Lookup.of(Map.of()).from("a"))).hasMessageContaining("Lookup.of(map) needs into(field)");
  }

  @Test void convertsValuesAndKeepsWhatItCannot() {
    assertThat(of("n", "42", Convert.numbers("n")).value("n")).isEqualTo(42L);
    assertThat(of("n", " -12.9 ", Convert.numbers("n")).value("n")).isEqualTo(-12L);
    assertThat(of("n", 12.9, Convert.numbers("n")).value("n")).isEqualTo(12L);
    assertThat(of("n", "12x", Convert.numbers("n")).value("n")).isEqualTo("12x");
    assertThat(of("n", "1e30", Convert.numbers("n")).value("n")).isEqualTo("1e30");
    assertThat(of("n", "9223372036854775807", Convert.numbers("n")).value("n")).isEqualTo(Long.MAX_VALUE);
    assertThat(of("n", true, Convert.numbers("n")).value("n")).isEqualTo(true);
    assertThat(of("n", "0.5", Convert.decimals("n")).value("n")).isEqualTo(0.5);
    assertThat(of("n", 3, Convert.decimals("n")).value("n")).isEqualTo(3.0);
    assertThat(of("n", "NaN", Convert.decimals("n")).value("n")).isEqualTo("NaN");
    assertThat(of("n", "Yes", Convert.booleans("n")).value("n")).isEqualTo(true);
    assertThat(of("n", 0, Convert.booleans("n")).value("n")).isEqualTo(false);
    assertThat(of("n", 503, Convert.texts("n")).value("n")).isEqualTo("503");
    assertThat(of("n", Arrays.asList("1", "x", null), Convert.numbers("n")).value("n")).isEqualTo(Arrays.asList(1L, "x", null));
    assertThatThrownBy(() -> Convert.numbers("message")).hasMessageContaining("cannot convert the message");
    assertThatThrownBy(Convert::texts).hasMessage("Convert.texts(..) needs at least one field");
  }

  @Test void renamesCopiesAndRemoves() {
    assertThat(of("a", 5, Rename.field("a").to("b")).fields()).containsExactly(entry("b", 5L));
    assertThat(of("a", "x", Rename.field("a").to("b")).fields()).containsExactly(entry("b", "x"));
    assertThat(of("a", "x", Rename.field("z").to("a")).fields()).containsExactly(entry("a", "x"));
    LogEvent event = of("a", List.of(1, "y"), Copy.field("a").to("b"), Copy.field("message").to("original"), Rename.field("a").to("message"));
    assertThat(event.value("b")).isEqualTo(List.of(1L, "y"));
    assertThat(event.text("original")).isEqualTo("m");
    assertThat(event.message()).isEqualTo("[1, y]");
    assertThat(of("a", "x", Remove.fields("a", "file", "none")).fields()).isEmpty();
    assertThat(of("a", "x", Remove.fields("file")).has("file")).isFalse();
    assertThatThrownBy(() -> Rename.field("a").to("a")).hasMessage("Rename.field(\"a\").to(\"a\") changes nothing; give two different names");
  }

  @Test void keepTheRulesOfAStage() {
    String[] lines = {"f=/a/12?b=c+d&b=%41", "f=12", "f=", "x", "f=\"true\"", "f=https://u@h:1/p#q", "f=Zm9vYmFyYmF6cXV4MTIzNDU2", "g=1"};
    KeyValue pairs = KeyValue.fields().bareWordsTrue();
    for (Stage stage : List.of(UrlParts.of("f"), QueryString.of("f"), NormalizePath.of("f").into("r"), NormalizePath.of("f"), Lookup.of(Map.of("12", 1, "true", "t")).from("f").into("l"),
        Convert.numbers("f"), Convert.booleans("f"), Convert.decimals("f"), Convert.texts("f"), Rename.field("f").to("z"), Copy.field("f").to("message"), Remove.fields("f"))) {
      StageContract.of(stage).behind(pairs).on(lines);
    }
  }
}
