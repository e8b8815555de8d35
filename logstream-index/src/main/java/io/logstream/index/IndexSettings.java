package io.logstream.index;

import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;

/**
 * How an index is to be: a description, immutable, begun with a word on {@link LogIndex} and ended with {@link #inMemory} or {@link #in}, which open the
 * index. Every word returns a new one. Without any, text is searchable as it is and, where it reads as a number, as that
 * number too; at most 1,000 field names are searchable; and the index in memory takes at most 256 MiB of the heap and 4 GiB in all.
 */
public final class IndexSettings {
  private static final long LEAST_BYTES = 16L << 20;
  private static final long LEAST_EVENTS = 1_000;
  private static final long MOST_HEAP_UNLESS_SAID = 256L << 20;
  private static final long MOST_IN_FILES_UNLESS_SAID = 4L << 30;
  private static final long MOST_UNWRITTEN_ON_DISK = 24L << 20;
  private static final long MOST_UNWRITTEN_IN_HEAP = 16L << 20;
  private static final Set<ChronoUnit> UNITS = EnumSet.of(ChronoUnit.HOURS, ChronoUnit.DAYS, ChronoUnit.MONTHS);
  static final IndexSettings DEFAULT = new IndexSettings(Declared.NOTHING, null, null, 1_000, new Limits(0, 0, Long.MAX_VALUE), Duration.ofMillis(100));

  private final Declared declared;
  private final String tenant;
  private final ChronoUnit unit;
  private final int maxFields;
  private final Limits limits;
  private final Duration refresh;

  /** Limits of size; 0 where nothing was said. */
  private record Limits(long heap, long bytes, long events) {}

  private IndexSettings(Declared declared, String tenant, ChronoUnit unit, int maxFields, Limits limits, Duration refresh) {
    this.declared = declared;
    this.tenant = tenant;
    this.unit = unit;
    this.maxFields = maxFields;
    this.limits = limits;
    this.refresh = refresh;
  }

  private IndexSettings declaring(Set<String> keywords, Set<String> numbers, Set<String> ranged) {
    return new IndexSettings(new Declared(keywords, numbers, ranged), tenant, unit, maxFields, limits, refresh);
  }

  private IndexSettings limited(long heap, long bytes, long events) {
    return new IndexSettings(declared, tenant, unit, maxFields, new Limits(heap, bytes, events), refresh);
  }

  /**
   * Text in these fields is compared as it is written, in queries too: {@code id:007} finds {@code "007"} and not {@code "7"}. That takes
   * less memory for identifiers that look like numbers; comparisons with {@code <} and {@code >} are slower. Excludes {@link #number}.
   */
  public IndexSettings keyword(String... fields) {
    return declaring(more(declared.keywords(), fields, declared.numbers(), "number", "keyword"), declared.numbers(), declared.ranged());
  }

  /**
   * Text in these fields that reads as a number is indexed as that number only, which takes less memory; to find it as text, such as by
   * its beginning, is slower. Excludes {@link #keyword}.
   */
  public IndexSettings number(String... fields) {
    return declaring(declared.keywords(), more(declared.numbers(), fields, declared.keywords(), "keyword", "number"), declared.ranged());
  }

  /**
   * Numbers in these fields are indexed so that a few among very many events are found without a look at each: for whole numbers that
   * identify something, and ranges that few events fall into. That makes events dearer to take in. Without it a number is compared event by event,
   * the newest first, at some ten nanoseconds each.
   */
  public IndexSettings ranged(String... fields) {
    return declaring(declared.keywords(), declared.numbers(), more(declared.ranged(), fields, declared.keywords(), "keyword", "ranged number"));
  }

  /**
   * So many different field names are searchable, counted anew about eight times within the time that events are kept. Fields of
   * further names are kept with their events and shown, but not found, and counted under 'unsearchable fields'.
   */
  public IndexSettings maxFields(int names) {
    if (names < 1 || names > 10_000) {
      throw new IllegalArgumentException("maxFields must be 1 to 10000, was " + names);
    }
    return new IndexSettings(declared, tenant, unit, names, limits, refresh);
  }

  /**
   * The index takes at most about so many bytes of the heap, 16 MiB at least, unless said 256 MiB or a quarter of the heap, whichever is less: what comes
   * on top is moved, the oldest first, into temporary files that are mapped into memory. They are gone with the index. Has no meaning for an index in a
   * directory.
   */
  public IndexSettings heap(long bytes) {
    if (bytes < LEAST_BYTES) {
      throw new IllegalArgumentException("an index takes at least " + LEAST_BYTES + " bytes of the heap, was " + bytes);
    }
    return limited(bytes, limits.bytes, limits.events);
  }

  /**
   * The index takes at most about so many bytes in all, heap and files, 16 MiB at least: the oldest events go when it takes more, whatever their age.
   * This is counted under 'dropped for space' and logged. Unless said, an index in memory takes 4 GiB, and leaves a tenth of the disk with the temporary
   * files free; an index in a directory has no limit. With no more than {@link #heap} there are no temporary files.
   */
  public IndexSettings atMostBytes(long bytes) {
    if (bytes < LEAST_BYTES) {
      throw new IllegalArgumentException("an index takes at least " + LEAST_BYTES + " bytes, was " + bytes);
    }
    return limited(limits.heap, bytes, limits.events);
  }

  /** The index holds at most about so many events, 1,000 at least: the oldest go when there are more, whatever their age. */
  public IndexSettings atMostEvents(long events) {
    if (events < LEAST_EVENTS) {
      throw new IllegalArgumentException("an index holds at least " + LEAST_EVENTS + " events, was " + events);
    }
    return limited(limits.heap, limits.bytes, events);
  }

  /**
   * What a search finds is at most so old, 100 ms unless said: newer events may be found or not. Nothing is done when nothing is asked or nothing
   * came in. From 1 ms to an hour; {@link LogIndex#latest} finds everything at any time.
   */
  public IndexSettings refreshEvery(Duration age) {
    if (age.compareTo(Duration.ofMillis(1)) < 0 || age.compareTo(Duration.ofHours(1)) > 0) {
      throw new IllegalArgumentException("refreshEvery takes 1 ms to 1 h, was " + age);
    }
    return new IndexSettings(declared, tenant, unit, maxFields, limits, age);
  }

  /**
   * Events that have different text in this field are kept apart: each has slices of its own, whose names begin with that text. Searches for one look into
   * no other's. The field counts as {@linkplain #keyword declared} to be compared as it is written. Events without such text, and those of the 65th and
   * further texts at one time, share slices.
   */
  public IndexSettings tenant(String field) {
    return new IndexSettings(keyword(Objects.requireNonNull(field, "field name")).declared, field, unit, maxFields, limits, refresh);
  }

  /**
   * A slice is for an hour, a day, or a month of the calendar in UTC. Unless said, slices are for months where events are kept for 120 days or longer,
   * for days where for 4 days or longer, else for an eighth of that time.
   *
   * @param unit {@link ChronoUnit#HOURS}, {@link ChronoUnit#DAYS} or {@link ChronoUnit#MONTHS}
   */
  public IndexSettings slicedBy(ChronoUnit unit) {
    if (!UNITS.contains(unit)) {
      throw new IllegalArgumentException("slices are for HOURS, DAYS or MONTHS, was " + unit);
    }
    return new IndexSettings(declared, tenant, unit, maxFields, limits, refresh);
  }

  /**
   * Opens an index in memory that keeps events for so long, counted from when they came in, on the clock of the pipeline that feeds it.
   * Events go by slices, so the oldest stay longer by the length of one; see {@link #slicedBy}.
   */
  public LogIndex inMemory(Duration keep) {
    return LogIndex.open(this, positive(keep), null);
  }

  /**
   * Opens an index in a directory, which is made if it is not there, with all that was put into it before and is not too old. Slices are directories in
   * it. Only one index at a time can have it open.
   *
   * @throws IllegalStateException if another index has it open
   * @throws java.io.UncheckedIOException if it cannot be read; it says which slice
   */
  public LogIndex in(Path dir, Duration keep) {
    return LogIndex.open(this, positive(keep), Objects.requireNonNull(dir, "dir"));
  }

  private static Duration positive(Duration keep) {
    Objects.requireNonNull(keep, "keep");
    if (keep.isNegative() || keep.isZero()) {
      throw new IllegalArgumentException("an index keeps events for a positive time, was " + keep);
    }
    return keep;
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

  Declared declared() {
    return declared;
  }

  /** The field that keeps events apart, or null. */
  String tenant() {
    return tenant;
  }

  /** What a slice is for, or null where nothing was said. */
  ChronoUnit unit() {
    return unit;
  }

  int maxFields() {
    return maxFields;
  }

  long heapBytes() {
    return limits.heap > 0 ? limits.heap : Math.max(LEAST_BYTES, Math.min(MOST_HEAP_UNLESS_SAID, Runtime.getRuntime().maxMemory() / 4));
  }

  /** Of heap and temporary files, or of the directory. */
  long maxBytes(boolean onDisk) {
    return limits.bytes > 0 ? limits.bytes : onDisk ? Long.MAX_VALUE : Math.max(heapBytes(), MOST_IN_FILES_UNLESS_SAID);
  }

  long maxEvents() {
    return limits.events;
  }

  /** How many bytes of events, with what is indexed of them, a writer takes before it makes a segment of them. */
  long mostUnwritten(boolean inHeap) {
    return Math.min(inHeap ? MOST_UNWRITTEN_IN_HEAP : MOST_UNWRITTEN_ON_DISK, Math.min(heapBytes(), maxBytes(true)) / 16);
  }

  Duration refresh() {
    return refresh;
  }
}
