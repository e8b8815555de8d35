package io.logstream.testing;

import java.util.Objects;
import java.util.Random;

/**
 * Random numbers that can be had again: a {@link Random} that knows its seed. The seed is another one in every run, unless the
 * system property {@code logstream.seed} names it. A test that fails must say it: {@link #random(Check)} adds it to the failure,
 * {@link #toString} has it in words.
 */
public final class Seed extends Random {
  /** The system property that names the seed; empty means unset. */
  public static final String PROPERTY = "logstream.seed";

  private static final long serialVersionUID = 1;

  private final long number;

  private Seed(long number) {
    super(number);
    this.number = number;
  }

  /**
   * A new seed, or the one that {@value #PROPERTY} names.
   *
   * @throws IllegalArgumentException if that is not a whole number
   */
  public static Seed random() {
    String given = System.getProperty(PROPERTY, "").strip();
    if (given.isEmpty()) {
      return new Seed(new Random().nextInt(Integer.MAX_VALUE));
    }
    try {
      return new Seed(Long.parseLong(given));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("-D" + PROPERTY + " takes a whole number, was '" + given + "'", e);
    }
  }

  /** A seed of this number. */
  public static Seed of(long number) {
    return new Seed(number);
  }

  /** A check to be made with random numbers. */
  @FunctionalInterface
  public interface Check {
    /** Makes it. */
    void with(Seed random) throws Exception;
  }

  /** Makes a check with a {@link #random()} seed; where it fails, the failure says how to repeat it. */
  public static void random(Check check) throws Exception {
    random().run(check);
  }

  /** Makes a check with this seed; where it fails, the failure says how to repeat it. */
  public void run(Check check) throws Exception {
    Objects.requireNonNull(check, "check");
    try {
      check.with(this);
    } catch (Exception | Error failure) {
      failure.addSuppressed(new Exception("failed with " + this));
      throw failure;
    }
  }

  /** The seed's number. */
  public long number() {
    return number;
  }

  @Override
  public String toString() {
    return "seed " + number + "; repeat it with -D" + PROPERTY + "=" + number;
  }
}
