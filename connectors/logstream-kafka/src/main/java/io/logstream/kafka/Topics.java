package io.logstream.kafka;

import io.logstream.Nearest;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.TimeoutException;

/** Names of topics and addresses of brokers, and what to say about them. */
final class Topics {
  private static final Pattern LEGAL = Pattern.compile("[a-zA-Z0-9._-]{1,249}");
  private static final int SHOWN = 10;

  /** How long a topic is looked for: one that was just made is not known to all brokers at once. */
  static final long LOOKS_AGAIN_NANOS = 2_000_000_000L;

  static final long PAUSE_NANOS = 100_000_000L;

  private Topics() {}

  static boolean isLegal(String name) {
    return LEGAL.matcher(name).matches() && !name.equals(".") && !name.equals("..");
  }

  static String check(String name) {
    if (!isLegal(name)) {
      throw new IllegalArgumentException("a topic's name holds letters, digits, dots, _ and -, 249 at most, was '" + name + "'");
    }
    return name;
  }

  /** Why a client does not get through, in words that tell what to do. */
  static IllegalStateException unreachable(String servers, String within, KafkaException cause) {
    if (cause instanceof AuthenticationException) {
      return new IllegalStateException("the Kafka broker at " + servers + " refuses the login: " + cause.getMessage()
          + "; check the settings security.protocol, sasl.mechanism and sasl.jaas.config", cause);
    }
    if (cause instanceof AuthorizationException) {
      return new IllegalStateException("the Kafka broker at " + servers + " does not allow it: " + cause.getMessage(), cause);
    }
    if (cause instanceof TimeoutException) {
      return new IllegalStateException("no Kafka broker answers at " + servers + " within " + within
          + "; check that it runs, the address, and whether it wants TLS or a login (setting security.protocol)", cause);
    }
    Throwable root = cause;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return new IllegalStateException("Kafka at " + servers + " cannot be used: " + (root == cause ? cause.getMessage() : cause.getMessage() + ": " + root.getMessage()), cause);
  }

  static IllegalStateException missing(String topic, String servers, Collection<String> there) {
    List<String> near = there.stream().filter(name -> !name.startsWith("__")).sorted(Comparator.comparingInt(name -> Nearest.distance(topic, name))).toList();
    return new IllegalStateException("topic '" + topic + "' does not exist at " + servers + "; there "
        + (near.isEmpty() ? "is none" : "are: " + String.join(", ", near.subList(0, Math.min(SHOWN, near.size()))) + (near.size() > SHOWN ? ", .." : "")));
  }
}
