package io.logstream.logback;

import io.logstream.logging.testing.QuietStartContract;
import java.lang.reflect.Field;
import org.slf4j.LoggerFactory;

class QuietStartTest extends QuietStartContract {
  QuietStartTest() {
    super(Program.class);
  }

  static final class Program {
    public static void main(String[] args) throws Exception {
      startAndClose(LogbackSource.appender("LOGSTREAM"), () -> {
        Field state = LoggerFactory.class.getDeclaredField("INITIALIZATION_STATE");
        state.setAccessible(true);
        return state.getInt(null) == 0;
      });
    }
  }
}
