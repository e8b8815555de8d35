package io.logstream;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/** The names that somebody may have meant who wrote another one: for the end of an error. Case counts for nothing. */
public final class Nearest {
  private static final int LONGEST = 64;
  private static final int MOST_LOOKED_AT = 10_000;
  private static final int MOST = 3;
  private static final int MOST_CHANGED = 4;

  private Nearest() {}

  /**
   * At most three of these names, the nearest first: those that differ from the given one in few characters (a third of them, four at most),
   * begin so, or are it but for what stands before a dot.
   */
  public static List<String> to(String name, Collection<String> names) {
    Objects.requireNonNull(names, "names of Nearest.to");
    if (name.length() > LONGEST) {
      return List.of();
    }
    String wanted = name.toLowerCase(Locale.ROOT);
    int most = wanted.length() <= 2 ? 0 : Math.min(MOST_CHANGED, Math.max(1, wanted.length() / 3));
    record Near(String name, int distance) {}
    return names.stream().filter(other -> other.length() <= LONGEST).limit(MOST_LOOKED_AT)
        .map(other -> new Near(other, Math.min(distance(name, other), isPart(wanted, other.toLowerCase(Locale.ROOT)) ? 1 : LONGEST)))
        .filter(near -> near.distance <= most)
        .sorted(Comparator.comparingInt(Near::distance).thenComparing(Near::name)).limit(MOST).map(Near::name).toList();
  }

  private static boolean isPart(String wanted, String other) {
    return wanted.length() > 2 && other.startsWith(wanted) || other.endsWith("." + wanted) || wanted.endsWith("." + other);
  }

  /** How many characters must be put in, taken out, exchanged, or swapped with their neighbour. */
  public static int distance(String one, String other) {
    String a = one.toLowerCase(Locale.ROOT);
    String b = other.toLowerCase(Locale.ROOT);
    int[] beforeLast = new int[b.length() + 1];
    int[] last = new int[b.length() + 1];
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] free = beforeLast;
      beforeLast = last;
      last = row;
      row = free;
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int exchanged = last[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(exchanged, Math.min(last[j], row[j - 1]) + 1);
        if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
          row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
        }
      }
    }
    return row[b.length()];
  }
}
