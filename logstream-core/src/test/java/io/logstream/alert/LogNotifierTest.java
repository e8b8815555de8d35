package io.logstream.alert;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.logstream.LogEvent;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class LogNotifierTest {
  private final Logger logger = (Logger) LoggerFactory.getLogger("io.logstream.alert");
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final Level before = logger.getLevel();

  @BeforeEach void listen() {
    lines.start();
    logger.setLevel(Level.INFO);
    logger.setAdditive(false);
    logger.addAppender(lines);
  }

  @AfterEach void leave() {
    logger.detachAppender(lines);
    logger.setAdditive(true);
    logger.setLevel(before);
  }

  private static FiredAlert alert(Severity severity, FiredAlert.State state, String key) {
    return new FiredAlert("slow", severity, state, Map.of("path", key), MadeRows.at(60), MadeRows.at(0), "1f", LogEvent.of("m").put("count", 7));
  }

  @Test void writesALineOfTheLevelThatTheSeverityAsksFor() throws Exception {
    for (Severity severity : Severity.values()) {
      AlertNotifier.toLog().fired(alert(severity, FiredAlert.State.FIRING, "/a"));
    }
    AlertNotifier.toLog().resolved(alert(Severity.PAGE, FiredAlert.State.RESOLVED, "/a"));

    assertThat(lines.list).extracting(ILoggingEvent::getLevel).containsExactly(Level.INFO, Level.WARN, Level.ERROR, Level.ERROR, Level.INFO);
    assertThat(lines.list.get(1).getFormattedMessage())
        .isEqualTo("alert 'slow' fires for {path=/a}, WARNING, since 2026-11-19T10:00:00Z, at 2026-11-19T10:01:00Z, id 1f {count=7}");
    assertThat(lines.list.get(4).getFormattedMessage()).startsWith("alert 'slow' is over for {path=/a}, PAGE");
  }

  @Test void writesOneLineWhateverStandsInAKey() throws Exception {
    AlertNotifier.toLog().fired(alert(Severity.INFO, FiredAlert.State.FIRING, "/a\r\n{}ERROR forged\u001b[31m" + "x".repeat(5_000)));

    assertThat(lines.list.get(0).getFormattedMessage()).contains("/a\\u000d\\u000a{}ERROR forged\\u001b[31mxxx").hasSizeLessThan(2_100).endsWith("...");
  }
}
