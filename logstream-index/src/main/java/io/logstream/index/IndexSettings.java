package io.logstream.index;

import java.time.Duration;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;

/**
 * How an index is to be: a description, immutable, begun with a word on {@link LogIndex} and ended with {@link #inMemory}, which opens the
 * index. Every word returns a new one. Without any, text is searchable as it is and, where it reads as a number, as that
 * number too; at most 1,000 field names are searchable; and the index takes at most a quarter of the heap.
 */
public final class IndexSettings {
  private static final long LEAST_BYTES = 16L << 20;
  private static final long LEAST_EVENTS = 1_000;
  static final IndexSettings DEFAULT =
      new IndexSettings(Set.of(), Set.of(), Set.of(), 1_000, Math.max(LEAST_BYTES, Runtime.getRuntime().maxMemory() / 4), Long.MAX_VALUE, Duration.ofMillis(100));

  private final Set<String> keywords;
  private final Set<String> numbers;
  private final Set<String> ranged;
  private final int maxFields;
  private final long maxBytes;
  private final long maxEvents;
  private final Duration refresh;

  private IndexSettings(Set<String> keywords, Set<String> numbers, Set<String> ranged, int maxFields, long maxBytes, long maxEvents, Duration refresh) {
    this.keywords = keywords;
    this.numbers = numbers;
    this.ranged = ranged;
    this.maxFields = maxFields;
    this.maxBytes = maxBytes;
    this.maxEvents = maxEvents;
    this.refresh = refresh;
  }

  /**
   * Text in these fields is compared as it is written, in queries too: {@code id:007} finds {@code "007"} and not {@code "7"}. That takes
   * less memory for identifiers that look like numbers; comparisons with {@code <} and {@code >} are slower. Excludes {@link #number}.
   */
  public IndexSettings keyword(String... fields) {
    return new IndexSettings(more(keywords, fields, numbers, "number", "keyword"), numbers, ranged, maxFields, maxBytes, maxEvents, refresh);
  }

  /**
   * Text in these fields that reads as a number is indexed as that number only, which takes less memory; to find it as text, such as by
   * its beginning, is slower. Excludes {@link #keyword}.
   */
  public IndexSettings number(String... fields) {
    return new IndexSettings(keywords, more(numbers, fields, keywords, "keyword", "number"), ranged, maxFields, maxBytes, maxEvents, refresh);
  }

  /**
   * Numbers in these fields are indexed so that a few among very many events are found without a look at each: for whole numbers that
   * identify something, and ranges that few events fall into. That makes events dearer to take in. Without it a number is compared event by event,
   * the newest first, at some ten nanoseconds each.
   */
  public IndexSettings ranged(String... fields) {
    return new IndexSettings(keywords, numbers, more(ranged, fields, keywords, "keyword", "ranged number"), maxFields, maxBytes, maxEvents, refresh);
  }

  /**
   * So many different field names are searchable, counted anew about eight times within the time that events are kept. Fields of
   * further names are kept with their events and shown, but not found, and counted under 'unsearchable fields'.
   */
  public IndexSettings maxFields(int names) {
    if (names < 1 || names > 10_000) {
      throw new IllegalArgumentException("maxFields must be 1 to 10000, was " + names);
    }
    return new IndexSettings(keywords, numbers, ranged, names, maxBytes, maxEvents, refresh);
  }

  /**
   * The index takes at most about so many bytes of memory, 16 MiB at least: the oldest events go when it takes more, whatever their age.
   * This is counted under 'dropped for space' and logged.
   */
  public IndexSettings atMostBytes(long bytes) {
    if (bytes < LEAST_BYTES) {
      throw new IllegalArgumentException("an index takes at least " + LEAST_BYTES + " bytes, was " + bytes);
    }
    return new IndexSettings(keywords, numbers, ranged, maxFields, bytes, maxEvents, refresh);
  }

  /** The index holds at most about so many events, 1,000 at least: the oldest go when there are more, whatever their age. */
  public IndexSettings atMostEvents(long events) {
    if (events < LEAST_EVENTS) {
      throw new IllegalArgumentException("an index holds at least " + LEAST_EVENTS + " events, was " + events);
    }
    return new IndexSettings(keywords, numbers, ranged, maxFields, maxBytes, events, refresh);
  }

  /**
   * What a search finds is at most so old, 100 ms unless said: newer events may be found or not. Nothing is done when nothing is asked or nothing
   * came in. From 1 ms to an hour; {@link LogIndex#latest} finds everything at any time.
   */
  public IndexSettings refreshEvery(Duration age) {
    if (age.compareTo(Duration.ofMillis(1)) < 0 || age.compareTo(Duration.ofHours(1)) > 0) {
      throw new IllegalArgumentException("refreshEvery takes 1 ms to 1 h, was " + age);
    }
    return new IndexSettings(keywords, numbers, ranged, maxFields, maxBytes, maxEvents, age);
  }

  /**
   * Opens an index in memory that keeps events for so long, counted from when they came in, on the clock of the pipeline that feeds it.
   * Events go in groups of about an eighth of that time, so the oldest stay that much longer.
   */
  public LogIndex inMemory(Duration keep) {
    Objects.requireNonNull(keep, "keep");
    if (keep.isNegative() || keep.isZero()) {
      throw new IllegalArgumentException("an index keeps events for a positive time, was " + keep);
    }
    return new LogIndex(this, keep);
  }

  private static Set<String> more(Set<String> have, String[] fields, Set<String> others, String otherWord, String word) {
    Set<String> all = new HashSet<>(have);
    for (String field : fields) {
      if (others.contains(Objects.requireNonNull(field, "field name"))) {
        throw new IllegalArgumentException("field '" + field + "' was said to be a " + otherWord + ", so it cannot be a " + word + " as well");
      }
      all.add(field);
    }
    return Set.copyOf(all);
  }

  boolean isKeyword(String field) {
    return keywords.contains(field);
  }

  boolean isRanged(String field) {
    return ranged.contains(field);
  }

  boolean isNumber(String field) {
    return numbers.contains(field);
  }

  int maxFields() {
    return maxFields;
  }

  long maxBytes() {
    return maxBytes;
  }

  long maxEvents() {
    return maxEvents;
  }

  Duration refresh() {
    return refresh;
  }
}
