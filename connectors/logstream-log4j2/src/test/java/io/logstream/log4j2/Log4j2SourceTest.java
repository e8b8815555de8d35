package io.logstream.log4j2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.logstream.logging.testing.SourceContract;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Marker;
import org.apache.logging.log4j.MarkerManager;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.message.MapMessage;
import org.apache.logging.log4j.message.ParameterizedMessage;
import org.junit.jupiter.api.Test;

class Log4j2SourceTest extends SourceContract<WatchedLog4j> {
  private final Logger direct = watched.log4j("com.shop.Cart");

  Log4j2SourceTest() {
    super(new WatchedLog4j());
  }

  @Test
  void whatAMapMessageHoldsAreFields() {
    Map<String, Object> held = new HashMap<>(Map.of("orderId", 4711, "paid", true, "what", new StringBuilder("built"), "message", "clash"));
    watched.run(watched.root(), () -> direct.info(new MapMessage<>(held)));
    assertThat(watched.only().fields()).containsEntry("orderId", 4711L).containsEntry("paid", true).containsEntry("what", "built").containsEntry("kv.message", "clash");
    assertThat(watched.only().message()).contains("orderId=\"4711\"");
  }

  @Test
  void messagesOfAllKindsAreFormatted() {
    watched.run(watched.root(), () -> {
      direct.info("plain");
      direct.info((Object) new StringBuilder("an object"));
      direct.info((CharSequence) new StringBuilder("characters"));
      direct.info("a lambda: {}", () -> 5);
      direct.info(new ParameterizedMessage("not {}", "reusable"));
      direct.info("many {} {} {} {} {} {} {} {} {} {} {} {}", 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
      direct.printf(Level.INFO, "%05d", 42);
    });
    assertThat(watched.messages()).containsExactly("plain", "an object", "characters", "a lambda: 5", "not reusable", "many 1 2 3 4 5 6 7 8 9 10 11 12", "00042");
    assertThat(watched.seen.get(0).text("template")).isEqualTo("plain");
    assertThat(watched.seen.get(4).fields()).containsEntry("template", "not {}").containsEntry("arg.0", "reusable");
    assertThat(watched.seen.get(5).fields()).containsEntry("arg.0", 1L).containsEntry("arg.11", 12L);
  }

  @Test
  void markersAreNamedWithTheirParents() {
    Marker audit = MarkerManager.getMarker("AUDIT");
    Marker money = MarkerManager.getMarker("MONEY").addParents(audit);
    watched.run(watched.root(), () -> direct.info(money, "x"));
    assertThat(watched.only().fields()).containsEntry("markers", List.of("MONEY", "AUDIT"));
  }

  @Test
  void withoutAContextOfItsOwnItTakesWhatIsLoggedDirectly() {
    watched.run(watched.inUse("com.shop.Real"), () -> LogManager.getLogger("com.shop.Real").error("directly"));
    assertThat(watched.messages()).containsExactly("directly");
  }

  @Test
  void fromWhichLevelOnAThreadWaitsIsSaidWhereTheAppenderIsConfigured() {
    assertThatThrownBy(() -> Log4j2Source.appender("X").waitingFrom(Level.INFO)).isInstanceOf(IllegalStateException.class);
  }
}
