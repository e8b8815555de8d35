package io.logstream;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a run has to say to its operators, through SLF4J. The logger is asked for when there is first something to say, never at start:
 * a pipeline may run inside a logging backend. Repeated trouble is said a few times and then counted.
 */
final class Notices {
  private static final int SAID = 3;

  private final String pipeline;
  private final Map<String, AtomicLong> times = new ConcurrentHashMap<>();

  Notices(String pipeline) {
    this.pipeline = pipeline;
  }

  void warn(String text, Throwable cause) {
    if (cause == null) {
      logger().warn("pipeline '{}', {}", pipeline, text);
    } else {
      logger().warn("pipeline '{}', {}", pipeline, text, cause);
    }
  }

  /** Says this a few times for each subject. */
  void trouble(String subject, String text, Throwable cause) {
    AtomicLong count = times.size() < 1000 ? times.computeIfAbsent(subject, k -> new AtomicLong()) : times.get(subject);
    if (count == null) {
      return;
    }
    long n = count.incrementAndGet();
    if (n <= SAID) {
      warn(text + (n == SAID ? " (further ones of this kind are only counted)" : ""), cause);
    }
  }

  /** Says how often trouble came that was not said each time. */
  void sum() {
    times.forEach((subject, count) -> {
      if (count.get() > SAID) {
        warn(subject + ": " + count.get() + " times in all", null);
      }
    });
  }

  private static Logger logger() {
    return LoggerFactory.getLogger("io.logstream");
  }
}
