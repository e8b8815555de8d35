package io.logstream.alert;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the log. Control characters are written as escapes, so that data cannot forge a line. */
final class LogNotifier implements AlertNotifier {
  static final LogNotifier INSTANCE = new LogNotifier();

  private static final int MOST = 2_000;

  private LogNotifier() {}

  @Override
  public void fired(FiredAlert alert) {
    Logger log = logger();
    String text = text(alert);
    switch (alert.severity()) {
      case PAGE, HIGH -> log.error("{}", text);
      case WARNING -> log.warn("{}", text);
      case INFO -> log.info("{}", text);
    }
  }

  @Override
  public void resolved(FiredAlert alert) {
    logger().info("{}", text(alert));
  }

  static String text(FiredAlert alert) {
    String whole = alert + " " + alert.cause().fields();
    StringBuilder text = new StringBuilder(Math.min(whole.length(), MOST) + 3);
    for (int i = 0; i < whole.length() && i < MOST; i++) {
      char c = whole.charAt(i);
      if (Character.isISOControl(c) || c == '\u2028' || c == '\u2029') {
        text.append('\\').append('u').append(Character.forDigit(c >> 12, 16)).append(Character.forDigit(c >> 8 & 15, 16))
            .append(Character.forDigit(c >> 4 & 15, 16)).append(Character.forDigit(c & 15, 16));
      } else {
        text.append(c);
      }
    }
    return whole.length() > MOST ? text.append("...").toString() : text.toString();
  }

  private static Logger logger() {
    return LoggerFactory.getLogger("io.logstream.alert");
  }

  @Override
  public String toString() {
    return "AlertNotifier.toLog()";
  }
}
