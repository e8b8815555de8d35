package io.logstream.logback;

import io.logstream.logging.testing.PackagedContract;
import java.util.List;

class PackagedTest extends PackagedContract {
  PackagedTest() {
    super(LogbackSource.class, "org.slf4j.LoggerFactory", "org.slf4j", List.of("logback-"), "logback.xml", """
        <configuration>
          <appender name="LOGSTREAM" class="io.logstream.logback.LogstreamAppender"/>
          <root level="INFO"><appender-ref ref="LOGSTREAM"/></root>
        </configuration>
        """);
  }
}
