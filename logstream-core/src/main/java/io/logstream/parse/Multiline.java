package io.logstream.parse;

import io.logstream.BudgetedMatcher;
import io.logstream.FieldUse;
import io.logstream.Joiner;
import io.logstream.JoinerContext;
import io.logstream.LineJoiner;
import io.logstream.TooLong;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * A stage that joins lines into records. What makes a record is said by the factory: {@link #startingWith} and the other modes, each with
 * a regular expression of {@link java.util.regex}, which is searched anywhere in a line ({@code ^} ties it to the line's beginning); {@link
 * #rule} for a state machine; {@link #traces(String...) traces()} for stack traces of many languages, without any expression.
 *
 * <p>A record is complete when its mode says so, when its log has had nothing to read for the {@linkplain #timeout(Duration) timeout} (1 s
 * unless said), or when its file ends. Where it would grow over {@linkplain #maxBytes(int) 1 MiB} or {@linkplain #maxLines(int) 1,000
 * lines}, {@link #tooLong} decides. Lines of different logs are never joined, nor those with different values of the field {@code stream} or
 * of the fields named by {@link #by}. A line that a pattern cannot decide on within its step budget does not match.
 *
 * <p>A record has the fields, time and position of its first line. What else can be asked of it stands at {@link Joiner}. A pattern that
 * has found nothing in the first 1,000 lines of a stream is reported once; {@code unstarted} counts the lines outside of records.
 *
 * <p>Place it directly after the source: there it runs in the reader, unless it has {@link #by} or fails what is too long. A
 * pattern that begins with {@code ^} and some characters, {@code \d}, {@code [0-9]} or {@code \S} is decided by the first bytes of most
 * lines. Immutable.
 */
public final class Multiline implements Joiner {
  /** What becomes of lines that come before the first beginning, or after a record that silence completed. */
  public enum Unstarted {
    /** Each is a record of its own. */
    ALONE,
    /** They are joined with each other, up to the next beginning. */
    JOINED
  }

  /** What becomes of an unfinished record when a run that has a checkpoint is closed. Without one it is emitted. */
  public enum OnClose {
    /** It is emitted as it is; its further lines will be unstarted ones. */
    EMIT,
    /** It is saved, and goes on in the next run. */
    HOLD
  }

  /** The settings beside the mode. */
  private record Settings(Duration timeout, int maxLines, int maxBytes, TooLong tooLong, int completeOver, int unmatchedLines, List<String> by,
      int maxStreams, String joint, Unstarted unstarted, OnClose onClose) {
    static final Settings DEFAULT = new Settings(Duration.ofSeconds(1), 1000, 1 << 20, TooLong.SPLIT, Integer.MAX_VALUE, 0, List.of(), 10_000, "\n",
        Unstarted.ALONE, OnClose.HOLD);
  }

  private final Mode mode;
  private final Settings set;

  private Multiline(Mode mode, Settings set) {
    this.mode = mode;
    this.set = set;
  }

  private static Multiline of(Mode mode) {
    return new Multiline(mode, Settings.DEFAULT);
  }

  static Pattern compiled(String word, String regex) {
    try {
      return Pattern.compile(Objects.requireNonNull(regex, "regex"));
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException("Multiline." + word + "(..): " + e.getMessage(), e);
    }
  }

  /** Whether a pattern matches the empty string; refuses one that cannot tell within its budget. */
  static boolean matchesNothing(String word, Pattern pattern) {
    try {
      return new BudgetedMatcher(pattern).find("");
    } catch (BudgetedMatcher.BudgetExceeded e) {
      throw new IllegalArgumentException(word + "(..): " + e.getMessage(), e);
    }
  }

  private static Pattern notEmpty(String word, String regex, String wouldDo) {
    Pattern pattern = compiled(word, regex);
    if (matchesNothing("Multiline." + word, pattern)) {
      throw new IllegalArgumentException("Multiline." + word + "(\"" + regex + "\") matches the empty string, so that every line " + wouldDo
          + "; give a pattern that only such a line has, such as \"^\\d{4}-\"");
    }
    return pattern;
  }

  // ---------------------------------------------------------------- modes

  /**
   * A record begins with each line that matches; the lines up to the next one belong to it.
   *
   * @throws IllegalArgumentException if it does not compile, or matches the empty string and so every line
   */
  public static Multiline startingWith(String regex) {
    return of(new Mode.Starting(notEmpty("startingWith", regex, "would begin a record"), null));
  }

  /** A line that matches belongs to the line before it. */
  public static Multiline continuedBy(String regex) {
    return of(new Mode.ContinuedBy(compiled("continuedBy", regex)));
  }

  /** Behind a line that matches, the next line belongs to it: a backslash at the line's end, for one. */
  public static Multiline continuing(String regex) {
    return of(new Mode.Continuing(compiled("continuing", regex)));
  }

  /**
   * A line that matches is the last one of a record.
   *
   * @throws IllegalArgumentException if it does not compile, or matches the empty string and so every line
   */
  public static Multiline endingWith(String regex) {
    return of(new Mode.Ending(notEmpty("endingWith", regex, "would end a record")));
  }

  /** So many lines each; a record may have so many, if that is more than {@link #maxLines} says by itself. */
  public static Multiline every(int lines) {
    Multiline every = of(new Mode.Every(positive("every", lines)));
    return every.maxLines(Math.max(lines, every.set.maxLines));
  }

  /** Lines that match, one behind the other, are one record; others stand alone. */
  public static Multiline whileMatching(String regex) {
    return of(new Mode.While(compiled("whileMatching", regex), true));
  }

  /** Lines that do not match, one behind the other, are one record; others stand alone. */
  public static Multiline whileNotMatching(String regex) {
    return of(new Mode.While(compiled("whileNotMatching", regex), false));
  }

  /** A record goes on until no quote is open; one behind a backslash does not count. */
  public static Multiline quoted(char quote) {
    if (quote <= ' ' || quote > '~' || quote == '\\') {
      throw new IllegalArgumentException("Multiline.quoted(..) takes a printable character of ASCII other than a backslash, was U+"
          + Integer.toHexString(quote | 0x10000).substring(1));
    }
    return of(new Mode.Quoted((byte) quote));
  }

  /** A record begins with a line that matches {@code start}; it goes on up to, without, a line that matches {@code condition}. Others stand alone. */
  public static Multiline haltBefore(String start, String condition) {
    return of(new Mode.Two(Mode.Kind.HALT_BEFORE, compiled("haltBefore", start), notEmpty("haltBefore", condition, "would end a record")));
  }

  /** A record begins with a line that matches {@code start}; a line that matches {@code condition} is its last. Others stand alone. */
  public static Multiline haltWith(String start, String condition) {
    return of(new Mode.Two(Mode.Kind.HALT_WITH, compiled("haltWith", start), notEmpty("haltWith", condition, "would end a record")));
  }

  /** A record begins with a line that matches {@code start}; it goes on while lines match {@code condition}. Others stand alone. */
  public static Multiline continueThrough(String start, String condition) {
    return of(new Mode.Two(Mode.Kind.CONTINUE_THROUGH, compiled("continueThrough", start), compiled("continueThrough", condition)));
  }

  /** A record begins with a line that matches {@code start}; it goes on up to the first line that does not match {@code condition}, inclusive. */
  public static Multiline continuePast(String start, String condition) {
    return of(new Mode.Two(Mode.Kind.CONTINUE_PAST, compiled("continuePast", start), compiled("continuePast", condition)));
  }

  /**
   * A state machine, of which this is the first rule: in a state, a line that matches belongs to the record and leads to the next state. A
   * record begins where a rule of the state {@code start} matches. A line that no rule of the present state takes ends the record and is
   * tried again from {@code start}; lines that begin nothing stand alone. The next state {@code start} means that the record ends
   * with that line. More rules by {@link #andRule}.
   */
  public static Multiline rule(String state, String regex, String next) {
    return of(Mode.Machine.NONE.with(state, compiled("rule", regex), next));
  }

  /** One more rule for a state machine that begins with {@link #rule}; rules of a state are tried in order. */
  public Multiline andRule(String state, String regex, String next) {
    if (!(mode instanceof Mode.Machine machine)) {
      throw new IllegalStateException("andRule(..) follows Multiline.rule(..), not " + mode);
    }
    return new Multiline(machine.with(state, compiled("rule", regex), next), set);
  }

  /**
   * Stack traces, of these languages or of all: {@code java}, {@code kotlin}, {@code scala}, {@code csharp}, {@code js}, {@code python}, {@code go},
   * {@code ruby}, {@code php}, {@code dart}, {@code rust}. Lines that belong to none stand alone.
   */
  public static Multiline traces(String... languages) {
    Objects.requireNonNull(languages, "languages of Multiline.traces");
    return of(new Mode.OfTraces(Traces.languages(languages), false));
  }

  /**
   * Records whose pieces say themselves that more follows: while this field is true, or the text {@code true}. For events of a stage that has
   * put the field, such as {@link Json}. Pieces are joined by nothing unless said.
   */
  public static Multiline partial(String field) {
    return of(new Mode.Partial(Objects.requireNonNull(field, "field"))).joinedBy("");
  }

  /**
   * With {@link #startingWith}: a record also ends with a line that matches this.
   *
   * @throws IllegalStateException with another mode
   */
  public Multiline until(String regex) {
    if (!(mode instanceof Mode.Starting starting)) {
      throw new IllegalStateException("until(..) follows Multiline.startingWith(..), not " + mode);
    }
    return new Multiline(new Mode.Starting(starting.start(), notEmpty("until", regex, "would end a record")), set);
  }

  /**
   * With {@link #traces}: a trace belongs to the line before it, which says when and why it was logged.
   *
   * @throws IllegalStateException with another mode
   */
  public Multiline afterLine() {
    if (!(mode instanceof Mode.OfTraces traces)) {
      throw new IllegalStateException("afterLine() follows Multiline.traces(..), not " + mode);
    }
    return new Multiline(new Mode.OfTraces(traces.languages(), true), set);
  }

  // ---------------------------------------------------------------- settings

  private Multiline set(Settings to) {
    return new Multiline(mode, to);
  }

  /** How long an unfinished record waits for its next line while there is nothing to read; 1 s unless said. */
  public Multiline timeout(Duration silence) {
    return set(new Settings(Given.timeout(silence), set.maxLines, set.maxBytes, set.tooLong, set.completeOver, set.unmatchedLines, set.by, set.maxStreams, set.joint,
        set.unstarted, set.onClose));
  }

  /**
   * How many lines a record may have; 1,000 unless said.
   *
   * @throws IllegalArgumentException if {@link #every} says more
   */
  public Multiline maxLines(int most) {
    if (mode instanceof Mode.Every every && most < every.lines() && most > 0) {
      throw new IllegalArgumentException("Multiline.every(" + every.lines() + ") makes records of more lines than maxLines("
          + most + ") lets be; say " + every.lines() + " or more, or every(" + most + ")");
    }
    return set(new Settings(set.timeout, positive("maxLines", most), set.maxBytes, set.tooLong, set.completeOver, set.unmatchedLines, set.by,
        set.maxStreams, set.joint, set.unstarted, set.onClose));
  }

  /** How many bytes a record may have, joints counted; 1 MiB unless said. */
  public Multiline maxBytes(int most) {
    return set(new Settings(set.timeout, set.maxLines, positive("maxBytes", most), set.tooLong, set.completeOver, set.unmatchedLines, set.by,
        set.maxStreams, set.joint, set.unstarted, set.onClose));
  }

  /** What becomes of a record that would have more lines or bytes; {@link TooLong#SPLIT} unless said. */
  public Multiline tooLong(TooLong what) {
    return set(new Settings(set.timeout, set.maxLines, set.maxBytes, Objects.requireNonNull(what, "tooLong"), set.completeOver, set.unmatchedLines,
        set.by, set.maxStreams, set.joint, set.unstarted, set.onClose));
  }

  /** A record is complete as soon as its lines have more bytes than this, joints not counted, whatever follows; no limit unless said. */
  public Multiline completeOver(int bytes) {
    return set(new Settings(set.timeout, set.maxLines, set.maxBytes, set.tooLong, positive("completeOver", bytes), set.unmatchedLines, set.by,
        set.maxStreams, set.joint, set.unstarted, set.onClose));
  }

  /** As long as the pattern has never matched in a stream, so many lines are one record, whatever the mode; no limit unless said. */
  public Multiline unmatchedLines(int lines) {
    return set(new Settings(set.timeout, set.maxLines, set.maxBytes, set.tooLong, set.completeOver, positive("unmatchedLines", lines), set.by,
        set.maxStreams, set.joint, set.unstarted, set.onClose));
  }

  /** Fields whose values tell streams apart: a thread, a process, a container. They must have been put by an earlier stage or the source. */
  public Multiline by(String... fields) {
    Objects.requireNonNull(fields, "fields of Multiline.by");
    if (fields.length == 0) {
      throw new IllegalArgumentException("by() needs at least one field");
    }
    return set(new Settings(set.timeout, set.maxLines, set.maxBytes, set.tooLong, set.completeOver, set.unmatchedLines, List.of(fields), set.maxStreams,
        set.joint, set.unstarted, set.onClose));
  }

  /** How many records may be unfinished at once; one more, and the oldest is complete. 10,000 unless said. */
  public Multiline maxStreams(int most) {
    return set(new Settings(set.timeout, set.maxLines, set.maxBytes, set.tooLong, set.completeOver, set.unmatchedLines, set.by,
        positive("maxStreams", most), set.joint, set.unstarted, set.onClose));
  }

  /** The text between two joined lines; a line feed unless said. May be empty. */
  public Multiline joinedBy(String text) {
    return set(new Settings(set.timeout, set.maxLines, set.maxBytes, set.tooLong, set.completeOver, set.unmatchedLines, set.by, set.maxStreams,
        Objects.requireNonNull(text, "joint"), set.unstarted, set.onClose));
  }

  /** With {@link #startingWith}: what becomes of lines that come before the first beginning; {@link Unstarted#ALONE} unless said. */
  public Multiline unstarted(Unstarted what) {
    return set(new Settings(set.timeout, set.maxLines, set.maxBytes, set.tooLong, set.completeOver, set.unmatchedLines, set.by, set.maxStreams, set.joint,
        Objects.requireNonNull(what, "unstarted"), set.onClose));
  }

  /** What becomes of an unfinished record when a run that has a checkpoint is closed; {@link OnClose#HOLD} unless said. */
  public Multiline onClose(OnClose what) {
    return set(new Settings(set.timeout, set.maxLines, set.maxBytes, set.tooLong, set.completeOver, set.unmatchedLines, set.by, set.maxStreams, set.joint,
        set.unstarted, Objects.requireNonNull(what, "onClose")));
  }

  private static int positive(String what, int value) {
    if (value <= 0) {
      throw new IllegalArgumentException(what + " must be positive, was " + value);
    }
    return value;
  }

  @Override
  public void check() {
    mode.check();
  }

  // ---------------------------------------------------------------- for the engine

  @Override
  public LineJoiner openJoiner(JoinerContext context) {
    LineJoiner joiner = mode.open(set.unstarted == Unstarted.JOINED, context);
    return joiner instanceof Mode.Matching matching ? new Watched(matching, mode, set.unmatchedLines, context) : joiner;
  }

  @Override
  public FieldUse fieldUse() {
    FieldUse use = Joiner.super.fieldUse();
    return mode instanceof Mode.Partial partial ? use.reads(partial.field()) : use;
  }

  @Override
  public boolean hoists() {
    return Joiner.super.hoists() && !(mode instanceof Mode.Partial);
  }

  @Override
  public Duration timeout() {
    return set.timeout;
  }

  @Override
  public int maxBytes() {
    return set.maxBytes;
  }

  @Override
  public int maxLines() {
    return set.maxLines;
  }

  @Override
  public TooLong tooLong() {
    return set.tooLong;
  }

  @Override
  public int completeOver() {
    return set.completeOver;
  }

  @Override
  public List<String> by() {
    return set.by;
  }

  @Override
  public int maxStreams() {
    return set.maxStreams;
  }

  @Override
  public String joint() {
    return set.joint;
  }

  @Override
  public boolean emitsOnClose() {
    return set.onClose == OnClose.EMIT;
  }

  @Override
  public String toString() {
    return mode.toString();
  }
}
