package io.logstream;

import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A {@link java.util.regex} matcher that cannot hang: it may look at a limited number of characters per text, and what would run on, or
 * overflow the stack, ends in {@link BudgetExceeded}. Everything in logstream that runs a regular expression runs it through this.
 *
 * <p>The budget is {@value #STEPS} looks and {@value #STEPS_PER_CHAR} more for each character of the text unless said otherwise: some
 * milliseconds of work. Where an expression can take many steps without a look, because it repeats what can match nothing or tries it in
 * many ways, a look costs more, and one that could take more such steps than the budget has looks is given up before it begins. One per
 * thread; make it from one shared {@link Pattern}.
 */
public final class BudgetedMatcher {
  /** Looks allowed for any text. */
  public static final long STEPS = 500_000;

  /** Looks allowed on top for each character of the text. */
  public static final long STEPS_PER_CHAR = 100;

  /** So many steps without a look are as much work as one. */
  private static final long BLIND_STEPS_PER_LOOK = 256;

  private final Matcher matcher;
  private final Counted text = new Counted();
  private final long steps;
  /** How many steps it may take in a row without a look. */
  private final long blind;
  private final long costOfLook;

  /** With the default budget. */
  public BudgetedMatcher(Pattern pattern) {
    this(pattern, STEPS);
  }

  /** With a budget of so many looks, and {@value #STEPS_PER_CHAR} for each character. */
  public BudgetedMatcher(Pattern pattern, long steps) {
    Objects.requireNonNull(pattern, "pattern of BudgetedMatcher");
    if (steps <= 0) {
      throw new IllegalArgumentException("a step budget must be positive, was " + steps);
    }
    this.matcher = pattern.matcher("");
    this.steps = steps;
    this.blind = EmptySteps.of(pattern);
    this.costOfLook = Math.max(1, blind / BLIND_STEPS_PER_LOOK);
  }

  /**
   * Looks for the first match in a text.
   *
   * @throws BudgetExceeded if the budget does not suffice to find out
   */
  public boolean find(CharSequence in) {
    text.begin(in, steps);
    matcher.reset(text);
    return run(true);
  }

  /** Looks for the first match in UTF-8 bytes. Positions count characters of the decoded text. */
  public boolean find(byte[] bytes, int from, int to) {
    return find(new String(bytes, from, to - from, StandardCharsets.UTF_8));
  }

  /** Looks for the next match; what is left of the budget is for all matches of one text together. */
  public boolean findNext() {
    return run(true);
  }

  /** Whether the whole text matches. */
  public boolean matches(CharSequence in) {
    text.begin(in, steps);
    matcher.reset(text);
    return run(false);
  }

  private boolean run(boolean anywhere) {
    try {
      return anywhere ? matcher.find() : matcher.matches();
    } catch (StackOverflowError e) {
      throw new BudgetExceeded("regular expression overflowed the stack on a text of " + text.length() + " characters: " + shown());
    }
  }

  private String shown() {
    String regex = matcher.pattern().pattern();
    return regex.length() <= 80 ? regex : regex.substring(0, 80) + "..";
  }

  /** Start of a group of the last match, -1 where it took no part. */
  public int start(int group) {
    return matcher.start(group);
  }

  /** End of a group of the last match. */
  public int end(int group) {
    return matcher.end(group);
  }

  /** Text of a group of the last match, or null. */
  public String group(int group) {
    int start = matcher.start(group);
    return start < 0 ? null : text.whole.subSequence(start, matcher.end(group)).toString();
  }

  /** Text of a named group of the last match, or null. */
  public String group(String name) {
    int start = matcher.start(name);
    return start < 0 ? null : text.whole.subSequence(start, matcher.end(name)).toString();
  }

  /** Replaces all matches in a text; {@code $1} and the like as in {@link Matcher#replaceAll}. */
  public String replaceAll(CharSequence in, String replacement) {
    text.begin(in, steps);
    matcher.reset(text);
    try {
      return matcher.replaceAll(replacement);
    } catch (StackOverflowError e) {
      throw new BudgetExceeded("regular expression overflowed the stack on a text of " + text.length() + " characters: " + shown());
    }
  }

  /** The pattern that is matched. */
  public Pattern pattern() {
    return matcher.pattern();
  }

  /** A match that was given up because it took more steps than it may. */
  public static final class BudgetExceeded extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** With what was given up. */
    public BudgetExceeded(String message) {
      super(message, null, false, false);
    }
  }

  private final class Counted implements CharSequence {
    private CharSequence whole = "";
    private long left;

    void begin(CharSequence in, long budget) {
      whole = Objects.requireNonNull(in, "text");
      left = budget + STEPS_PER_CHAR * in.length();
      if (blind > left) {
        throw new BudgetExceeded("regular expression repeats what can match nothing, or tries it in many ways: up to " + blind
            + " steps without looking at the text, which its step budget of " + left + " does not allow: " + shown());
      }
    }

    @Override
    public char charAt(int index) {
      left -= costOfLook;
      if (left < 0) {
        throw new BudgetExceeded("regular expression gave up after its step budget on a text of " + whole.length() + " characters: " + shown());
      }
      return whole.charAt(index);
    }

    @Override
    public int length() {
      return whole.length();
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      return whole.subSequence(start, end);
    }

    @Override
    public String toString() {
      return whole.toString();
    }
  }
}
