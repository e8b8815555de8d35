package io.logstream.log4j2;

import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.logging.testing.PackagedContract;
import java.io.IOException;
import java.util.List;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;

class PackagedTest extends PackagedContract {
  PackagedTest() {
    super(Log4j2Source.class, "org.apache.logging.log4j.LogManager", "org.apache.logging.log4j", List.of("log4j-api", "log4j-core"), "log4j2.xml", """
        <Configuration>
          <Appenders><Logstream name="LOGSTREAM"/></Appenders>
          <Loggers><Root level="INFO"><AppenderRef ref="LOGSTREAM"/></Root></Loggers>
        </Configuration>
        """);
  }

  @Test
  void theJarHoldsTheDescriptorByWhichLog4jFindsTheAppender() throws IOException {
    try (JarFile jar = jar()) {
      assertThat(jar.getEntry("META-INF/org/apache/logging/log4j/core/config/plugins/Log4j2Plugins.dat")).isNotNull();
    }
  }
}
