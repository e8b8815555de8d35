package io.logstream.parse;

import io.logstream.BudgetedMatcher;
import io.logstream.Emitter;
import io.logstream.FieldUse;
import io.logstream.LogEvent;
import io.logstream.Processor;
import io.logstream.Span;
import io.logstream.Stage;
import io.logstream.StageContext;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * A stage that makes secrets unreadable: what a pattern matches is replaced by {@code ***} in the message, in every text field and in
 * the texts of lists. A field that a parser took out of the message is redacted where the message is, also where the pattern would not
 * match it alone. Numbers, the built-in fields {@code file} and {@code host} of a log, and field names stay as they are.
 *
 * <p>All that follows sees the redacted event only: later stages, sinks, the failure sink, taps. What stands before it sees the secret,
 * so it belongs as near to the source as the pattern allows. An event for which the pattern's step budget does not suffice fails with
 * all its text replaced, never half redacted. Stateless, immutable.
 */
public final class Redact implements Stage {
  private static final String CAUSE = "step budget exceeded";

  private final Pattern secret;
  private final String with;

  private Redact(Pattern secret, String with) {
    this.secret = secret;
    this.with = with;
  }

  /**
   * Redacts all that this regular expression of {@link java.util.regex} matches.
   *
   * @throws IllegalArgumentException if it does not compile, or matches the empty string
   */
  public static Redact matching(String regex) {
    Objects.requireNonNull(regex, "regex of Redact.matching");
    Pattern secret;
    try {
      secret = Pattern.compile(regex);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException("Redact.matching(..): " + e.getMessage(), e);
    }
    if (Multiline.matchesNothing("Redact.matching", secret)) {
      throw new IllegalArgumentException("Redact.matching(\"" + regex + "\") matches the empty string; give a pattern that matches the secrets "
          + "only");
    }
    return new Redact(secret, "***");
  }

  /** What stands in place of a secret, taken as it is: {@code $} has no meaning in it. {@code ***} unless said. */
  public Redact with(String text) {
    return new Redact(secret, Objects.requireNonNull(text, "text"));
  }

  @Override
  public FieldUse fieldUse() {
    return FieldUse.none();
  }

  @Override
  public Processor open(StageContext context) {
    return new Redacting(new BudgetedMatcher(secret), with);
  }

  @Override
  public boolean stateless() {
    return true;
  }

  @Override
  public String toString() {
    return "matching " + secret;
  }

  private static final class Redacting implements Processor {
    private final BudgetedMatcher matcher;
    private final String with;
    private final String replacement;
    /** Beginnings and ends of the secrets in the message, in characters. */
    private int[] secrets = new int[16];
    private int count;

    Redacting(BudgetedMatcher matcher, String with) {
      this.matcher = matcher;
      this.with = with;
      this.replacement = Matcher.quoteReplacement(with);
    }

    @Override
    public void process(LogEvent event, Emitter out) {
      try {
        redact(event);
      } catch (BudgetedMatcher.BudgetExceeded e) {
        hide(event);
        out.fail(event, CAUSE, e.getMessage());
        return;
      }
      out.emit(event);
    }

    private void redact(LogEvent event) {
      String message = event.message();
      count = 0;
      for (boolean found = matcher.find(message); found; found = matcher.findNext()) {
        if (count + 2 > secrets.length) {
          secrets = Arrays.copyOf(secrets, secrets.length * 2);
        }
        secrets[count++] = matcher.start(0);
        secrets[count++] = matcher.end(0);
      }
      int from = event.from();
      int to = event.to();
      for (Map.Entry<String, Object> field : event.fields().entrySet()) {
        if (field.getValue() instanceof String text) {
          long span = event.span(field.getKey());
          boolean inMessage = count > 0 && span != Span.NONE && Span.from(span) >= from && Span.to(span) <= to;
          String seen = inMessage ? redacted(text, charactersBefore(event, Span.from(span))) : text;
          put(event, field.getKey(), text, matcher.replaceAll(seen, replacement));
        } else if (field.getValue() instanceof List<?> elements) {
          List<Object> redacted = new ArrayList<>();
          elements.forEach(element -> redacted.add(element instanceof String text ? matcher.replaceAll(text, replacement) : element));
          put(event, field.getKey(), elements, redacted);
        }
      }
      if (count > 0) {
        event.message(redacted(message, 0));
      }
    }

    private static void put(LogEvent event, String field, Object before, Object after) {
      if (!after.equals(before)) {
        event.put(field, after);
      }
    }

    private static int charactersBefore(LogEvent event, int at) {
      return new String(event.bytes(), event.from(), at - event.from(), StandardCharsets.UTF_8).length();
    }

    /** A part of the message with the message's secrets replaced. */
    private String redacted(String part, int partAt) {
      StringBuilder text = new StringBuilder(part.length() + with.length());
      int done = 0;
      for (int i = 0; i < count; i += 2) {
        int begin = Math.max(0, secrets[i] - partAt);
        int end = Math.min(part.length(), secrets[i + 1] - partAt);
        if (begin < end) {
          text.append(part, done, begin).append(with);
          done = end;
        }
      }
      return text.append(part, done, part.length()).toString();
    }

    /** Leaves nothing of the texts. */
    private void hide(LogEvent event) {
      event.fields().forEach((field, value) -> {
        if (value instanceof String || value instanceof List) {
          event.put(field, with);
        }
      });
      event.message(with);
    }
  }
}
