package io.logstream.match;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** The names that somebody may have meant who wrote another one. */
public final class Nearest {
  private static final int LONGEST = 64;
  private static final int MOST = 3;

  private Nearest() {}

  /** At most three of these names, the nearest first: those that differ from the given one in few letters, or only in case, or begin so. */
  public static List<String> to(String name, Collection<String> names) {
    if (name.length() > LONGEST) {
      return List.of();
    }
    String wanted = name.toLowerCase(Locale.ROOT);
    record Near(String name, int distance) {}
    return names.stream().filter(other -> other.length() <= LONGEST).limit(10_000)
        .map(other -> new Near(other, distance(wanted, other.toLowerCase(Locale.ROOT))))
        .filter(near -> near.distance <= Math.max(1, wanted.length() / 3))
        .sorted(Comparator.comparingInt(Near::distance).thenComparing(Near::name)).limit(MOST).map(Near::name).toList();
  }

  private static int distance(String a, String b) {
    if (a.length() > 2 && (b.startsWith(a) || b.endsWith("." + a))) {
      return 1;
    }
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int above = row[j];
        row[j] = Math.min(Math.min(row[j], row[j - 1]) + 1, diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1));
        diagonal = above;
      }
    }
    return row[b.length()];
  }
}
