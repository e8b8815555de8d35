package io.logstream.log4j2;

import io.logstream.logging.testing.QuietStartContract;
import java.lang.reflect.Method;

class QuietStartTest extends QuietStartContract {
  QuietStartTest() {
    super(Program.class, "--add-opens", "java.base/java.lang=ALL-UNNAMED");
  }

  static final class Program {
    public static void main(String[] args) throws Exception {
      startAndClose(Log4j2Source.appender("LOGSTREAM"), () -> {
        // Log4j keeps what it has initialised in this class, which is not even loaded before
        Method loaded = ClassLoader.class.getDeclaredMethod("findLoadedClass", String.class);
        loaded.setAccessible(true);
        return loaded.invoke(ClassLoader.getSystemClassLoader(), "org.apache.logging.log4j.LogManager") == null;
      });
    }
  }
}
