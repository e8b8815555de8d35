package io.logstream.log4j2;

import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.logging.testing.AppenderContract;
import org.apache.logging.log4j.core.async.AsyncLoggerContext;
import org.junit.jupiter.api.Test;

class AppenderTest extends AppenderContract<WatchedLog4j> {
  AppenderTest() {
    super(new WatchedLog4j());
  }

  @Test
  void aListWithAnEmptyPlaceIsAnErrorToo() {
    watched.configure("WRONGLIST", "ignoring=a,,b");
    cart.error("nobody takes this, and nothing is thrown");
    assertThat(watched.complaints()).anyMatch(s -> s.contains("Logstream appender 'WRONGLIST' is not made: "));
  }

  @Test
  void worksBehindAnAsyncLogger() {
    watched.read("<Appenders><Logstream name='ASYNCLOGGER'/></Appenders><Loggers><AsyncRoot level='DEBUG'><AppenderRef ref='ASYNCLOGGER'/></AsyncRoot></Loggers>");
    behindAnotherThread(watched, "ASYNCLOGGER");
  }

  @Test
  void worksWhereAllLoggersAreAsynchronous() {
    try (WatchedLog4j asynchronous = new WatchedLog4j(new AsyncLoggerContext("asynchronous"))) {
      asynchronous.configure("ALLASYNC");
      behindAnotherThread(asynchronous, "ALLASYNC");
    }
  }
}
