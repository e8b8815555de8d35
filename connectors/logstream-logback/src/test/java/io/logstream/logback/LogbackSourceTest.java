package io.logstream.logback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.LoggerContextListener;
import io.logstream.LogEvent;
import io.logstream.logging.testing.SourceContract;
import io.logstream.testing.LogCapture;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.slf4j.Marker;
import org.slf4j.helpers.BasicMarkerFactory;

class LogbackSourceTest extends SourceContract<WatchedLogback> {
  LogbackSourceTest() {
    super(new WatchedLogback());
  }

  @Test
  void keyValuePairsAreFields() {
    watched.run(watched.root(), () -> watched.logback("com.shop.Cart").atWarn().addKeyValue("orderId", 4711).addKeyValue("paid", true).addKeyValue("ratio", 0.5f)
        .addKeyValue("what", new StringBuilder("built")).addKeyValue("message", "clash").addKeyValue("none", (Object) null).log("paid"));
    LogEvent event = watched.only();
    assertThat(event.message()).isEqualTo("paid");
    assertThat(event.fields()).containsEntry("orderId", 4711L).containsEntry("paid", true).containsEntry("ratio", 0.5).containsEntry("what", "built")
        .containsEntry("kv.message", "clash");
    assertThat(event.has("none")).isFalse();
  }

  @Test
  @SuppressWarnings("deprecation") // markers that refer to markers
  void markersAreNamedWithThoseTheyReferTo() {
    BasicMarkerFactory markers = new BasicMarkerFactory();
    Marker audit = markers.getMarker("AUDIT");
    Marker money = markers.getMarker("MONEY");
    money.add(audit);
    watched.run(watched.root(), () -> watched.logback("com.shop.Cart").atInfo().addMarker(money).addMarker(markers.getMarker("OTHER")).log("x"));
    assertThat(watched.only().fields()).containsEntry("markers", List.of("MONEY", "AUDIT", "OTHER"));
  }

  @Test
  void sourcesThatComeAndGoSideBySideLeaveTheContextAsItWas() throws Exception {
    List<LoggerContextListener> before = watched.context.getCopyOfListenerList();
    ExecutorService threads = Executors.newFixedThreadPool(4);
    List<Callable<Void>> each = Collections.nCopies(4, () -> {
      for (int i = 0; i < 2_000; i++) {
        LogCapture.of(watched.root()).close();
      }
      return null;
    });
    for (Future<Void> one : threads.invokeAll(each)) {
      one.get();
    }
    threads.shutdown();
    assertThat(watched.context.getCopyOfListenerList()).isEqualTo(before);
  }

  @Test
  void fromWhichLevelOnAThreadWaitsIsSaidWhereTheAppenderIsConfigured() {
    assertThatThrownBy(() -> LogbackSource.appender("X").waitingFrom(Level.INFO)).isInstanceOf(IllegalStateException.class);
  }
}
