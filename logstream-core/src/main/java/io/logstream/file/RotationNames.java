package io.logstream.file;

import java.util.Arrays;
import java.util.Comparator;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The names that rotation gives: numbers, dates and {@code .old} behind the live name, or a date before its ending. */
final class RotationNames {
  private static final Pattern SUFFIX = Pattern.compile("\\d[\\dT:._-]*Z?|old");
  private static final Pattern DATE_INSIDE = Pattern.compile("(.*[A-Za-z].*?)[._-]((?:\\d{4}-?\\d{2}-?\\d{2}|20\\d{2}-W?\\d{2})[\\dT:._-]*?)(\\.[A-Za-z]+)");
  private static final Pattern COMPRESSED = Pattern.compile("(.+)\\.(gz|zst|xz|bz2|lz4|zip|Z)");
  private static final Pattern TEMPORARY = Pattern.compile(".*(\\.(tmp|temp|part|sw[opx])|~)");
  private static final Pattern NUMBER = Pattern.compile("\\d+");
  private static final int GREATEST_NUMBER_OF_A_SHIFT = 99_999;

  private RotationNames() {}

  static boolean isCompressed(String name) {
    return COMPRESSED.matcher(name).matches();
  }

  /** The name without what compression has put behind it. */
  static String plain(String name) {
    Matcher compressed = COMPRESSED.matcher(name);
    return compressed.matches() ? compressed.group(1) : name;
  }

  static boolean isTemporary(String name) {
    return TEMPORARY.matcher(name).matches();
  }

  /** Whether a name may be one that rotation has given to the file of this live name. */
  static boolean belongsTo(String live, String name) {
    return name.length() > live.length() && name.startsWith(live) && (name.charAt(live.length()) == '.' || name.charAt(live.length()) == '-')
        || withoutDateInside(plain(name)).equals(live);
  }

  /** The live name from which rotation made this one: the shortest that {@code isLive} says is one; null where there is none. */
  static String liveNameOf(String name, Predicate<String> isLive) {
    for (int i = 1; i < name.length() - 1; i++) {
      char c = name.charAt(i);
      if ((c == '.' || c == '-' || c == '_') && SUFFIX.matcher(name).region(i + 1, name.length()).matches() && isLive.test(name.substring(0, i))) {
        return name.substring(0, i);
      }
    }
    return null;
  }

  /** The live name that this one looks to be made from, as far as the name alone can tell; the name itself where it does not. */
  static String family(String name) {
    String plain = plain(name);
    String live = liveNameOf(plain, base -> base.chars().anyMatch(Character::isLetter));
    if (live != null) {
      return live;
    }
    return withoutDateInside(plain);
  }

  /** The name without a date that stands before its ending; the name itself where there is none. */
  static String withoutDateInside(String name) {
    Matcher dated = DATE_INSIDE.matcher(name);
    return dated.matches() ? dated.group(1) + dated.group(3) : name;
  }

  /**
   * Orders names of one family by what they say of age, oldest first: numbers of a shift grow with age, dates with time, and the
   * live name is the newest. Names that say nothing are equal.
   */
  static Comparator<String> byAge(String live) {
    return (a, b) -> {
      long[] first = numbers(live, a);
      long[] second = numbers(live, b);
      if (first.length == 0 || second.length == 0) {
        return Boolean.compare(first.length == 0, second.length == 0);
      }
      boolean shifted = isShift(first);
      if (shifted != isShift(second)) {
        return shifted ? 1 : -1;
      }
      return shifted ? Long.compare(second[0], first[0]) : Arrays.compare(first, second);
    };
  }

  private static boolean isShift(long[] numbers) {
    return numbers.length == 1 && numbers[0] <= GREATEST_NUMBER_OF_A_SHIFT;
  }

  private static long[] numbers(String live, String name) {
    String plain = plain(name);
    int from = 0;
    while (from < live.length() && from < plain.length() && live.charAt(from) == plain.charAt(from)) {
      from++;
    }
    while (from > 0 && Character.isDigit(plain.charAt(from - 1)) && from < plain.length() && Character.isDigit(plain.charAt(from))) {
      from--;
    }
    return NUMBER.matcher(plain.substring(from)).results().filter(r -> r.group().length() <= 18).mapToLong(r -> Long.parseLong(r.group())).toArray();
  }
}
