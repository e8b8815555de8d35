package io.logstream.alert;

import java.util.Locale;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Text with parts of an alert in it, each between two braces. */
final class Template {
  private static final Pattern PART = Pattern.compile("\\{\\{ *([^{} ]++) *\\}\\}");

  private Template() {}

  static String fill(String template, FiredAlert alert, UnaryOperator<String> escape) {
    Matcher part = PART.matcher(template);
    StringBuilder filled = new StringBuilder();
    while (part.find()) {
      String name = part.group(1);
      String value = name.equals("json") ? AlertJson.text(alert) : escape.apply(value(name, alert));
      part.appendReplacement(filled, Matcher.quoteReplacement(value));
    }
    return part.appendTail(filled).toString();
  }

  private static String value(String name, FiredAlert alert) {
    String value = switch (name) {
      case "id" -> alert.id();
      case "number" -> Integer.toString(alert.number());
      case "name" -> alert.name();
      case "severity" -> alert.severity().name().toLowerCase(Locale.ROOT);
      case "state" -> alert.state().name().toLowerCase(Locale.ROOT);
      case "key" -> String.join(", ", alert.key().values());
      case "at" -> alert.at().toString();
      case "since" -> alert.since().toString();
      case "reason" -> alert.reason();
      case "more" -> Integer.toString(alert.more());
      case "message" -> alert.cause().message();
      default -> name.startsWith("key.") ? alert.key().get(name.substring(4)) : name.startsWith("fields.") ? alert.cause().text(name.substring(7)) : null;
    };
    return value == null ? "" : value;
  }

  /** As it stands inside a string of JSON. */
  static String inJson(String text) {
    StringBuilder escaped = new StringBuilder(text.length() + 8);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        escaped.append('\\').append(c);
      } else if (c < ' ') {
        escaped.append("\\u").append(String.format(Locale.ROOT, "%04x", (int) c));
      } else {
        escaped.append(c);
      }
    }
    return escaped.toString();
  }
}
