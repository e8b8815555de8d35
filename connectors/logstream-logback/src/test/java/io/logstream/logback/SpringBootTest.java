package io.logstream.logback;

import static io.logstream.match.Field.field;
import static io.logstream.window.Aggregations.count;
import static java.time.Duration.ofMinutes;
import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.LogEvent;
import io.logstream.LogStream;
import io.logstream.RunningPipeline;
import io.logstream.Sink;
import io.logstream.alert.Alert;
import io.logstream.alert.AlertNotifier;
import io.logstream.alert.FiredAlert;
import io.logstream.match.Keep;
import io.logstream.window.Window;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** A Spring Boot application that watches its own log. */
@Timeout(120)
class SpringBootTest {
  private static final List<FiredAlert> TOLD = Collections.synchronizedList(new ArrayList<>());
  private static final List<LogEvent> SEEN = Collections.synchronizedList(new ArrayList<>());
  private static final Logger LOG = LoggerFactory.getLogger("com.shop.Checkout");

  // tag::spring[]
  @Configuration
  static class OwnLog {
    @Bean(destroyMethod = "close")
    RunningPipeline ownLog(AlertNotifier pager) {
      return LogStream.named("own-log").from(LogbackSource.rootLogger())
          .then(Keep.when(field("level").is("ERROR")))
          .then(Window.tumbling(ofMinutes(1)).by("logger").aggregate(count()))
          .to(Alert.named("error burst").when(field("count").atLeast(10)).atMostEvery(ofMinutes(15)).notify(pager))
          .build().start();
    }
  }
  // end::spring[]

  @Configuration
  @Import(OwnLog.class)
  static class Application {
    @Bean
    AlertNotifier pager() {
      return TOLD::add;
    }
  }

  @Configuration
  static class EarlyApplication {
    @Bean(destroyMethod = "close")
    RunningPipeline ownLog() {
      return LogStream.named("own-log").from(LogbackSource.appender("SPRING")).to(Sink.each(e -> SEEN.add(e.copy()))).build().start();
    }
  }

  private static ConfigurableApplicationContext start(Class<?> application, Map<String, Object> properties) {
    SpringApplication spring = new SpringApplication(application);
    spring.setDefaultProperties(properties);
    return spring.run("--spring.main.banner-mode=off", "--logging.register-shutdown-hook=false");
  }

  @AfterEach
  void leavesLogbackAsTheOtherTestsKnowIt() throws Exception {
    ch.qos.logback.classic.LoggerContext context = (ch.qos.logback.classic.LoggerContext) LoggerFactory.getILoggerFactory();
    LoggingSystem.get(getClass().getClassLoader()).cleanUp();
    context.reset();
    ch.qos.logback.classic.joran.JoranConfigurator configurator = new ch.qos.logback.classic.joran.JoranConfigurator();
    configurator.setContext(context);
    configurator.doConfigure(getClass().getResource("/logback-test.xml"));
  }

  @Test
  void tenLinesOfConfigurationTellSomebodyOfABurstOfErrors() {
    RunningPipeline run;
    try (ConfigurableApplicationContext context = start(Application.class, Map.of("logging.config", "classpath:logback-silent.xml"))) {
      run = context.getBean(RunningPipeline.class);
      for (int order = 0; order < 25; order++) {
        LOG.error("order {} could not be saved", order);
      }
    }
    assertThat(run.ledger().imbalances()).isEmpty();
    assertThat(run.ledger().stage("Keep").passed()).isEqualTo(25);
    assertThat(TOLD).hasSize(1);
    assertThat(TOLD.get(0).cause().fields()).containsEntry("logger", "com.shop.Checkout");
  }

  @Test
  void anAppenderInItsConfigurationHearsTheStartOfTheApplicationToo() {
    RunningPipeline run;
    try (ConfigurableApplicationContext context = start(EarlyApplication.class, Map.of("logging.config", "classpath:logback-own.xml"))) {
      run = context.getBean(RunningPipeline.class);
      LOG.info("running");
    }
    assertThat(run.ledger().imbalances()).isEmpty();
    assertThat(SEEN).extracting(LogEvent::message).anyMatch(m -> m.startsWith("Starting")).anyMatch(m -> m.startsWith("Started")).contains("running");
  }
}
