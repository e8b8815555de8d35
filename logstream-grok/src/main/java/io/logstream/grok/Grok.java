package io.logstream.grok;

import io.logstream.BudgetedMatcher;
import io.logstream.FieldUse;
import io.logstream.LogEvent;
import io.logstream.Processor;
import io.logstream.Stage;
import io.logstream.StageContext;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A stage that reads named fields out of the message with a grok pattern, such as {@code Grok.pattern("%{COMBINEDAPACHELOG}")}.
 *
 * <p><b>Patterns.</b> {@code %{NAME}} stands for a definition, {@code %{NAME:field}} makes a field of what it matches, {@code
 * %{NAME:field:type}} one of a type; the rest is a regular expression in the dialect of Logstash's pattern files, in which {@code
 * (?<field>..)} makes a field too. The definitions that come with Java Grok are built in, with some more; {@link #define} and {@link #patternsFrom} add to
 * them or replace them. A pattern is searched in the text, not anchored; a dot matches newlines, {@code ^} and {@code $} match at each line.
 *
 * <p><b>Fields.</b> Names are free: underscores, dots and {@code [a][b]} stay as written. Types are {@code :int} and {@code :long} (a
 * whole number, 64 bits; a fraction is cut off), {@code :float} and {@code :double} (a decimal, 64 bits) and {@code :boolean}; all else is
 * text. A number ends at a blank. Text that is not of its type stays text and is counted as {@code unconverted}. A capture that took no part in the match, or is
 * empty, leaves no field. A name captured several times in one match gives a list. A field that the event has already is replaced; a
 * capture called {@code message} replaces the message, the last one if there are several.
 *
 * <p><b>Misses.</b> An event that no pattern matches fails with the cause {@value #NO_MATCH}, unless {@link #missesTagged} or {@link
 * #missesDropped} says otherwise. A match that takes too many steps is given up, and the event fails with {@value #TOO_MANY_STEPS}.
 *
 * <p><b>Speed.</b> A pattern is turned into steps over the bytes of the text, which allocate nothing, and after some hundred texts into
 * code for the steps that these came by, and for all of them once many other texts have come; {@link #plan} tells. What neither can do, back-references above all, is done by {@code java.util.regex} under a budget. All give
 * the same. Where there are several patterns, one whose longest certain text is not there is not tried. Counted are, for each pattern
 * by its place from 1 on, {@code pattern1.hits}, {@code pattern1.misses} and {@code pattern1.steps}: failures inside a search, and its long ways.
 *
 * <p><b>Characters</b> are those of the text as UTF-8; bytes that are not UTF-8 match as U+FFFD, and stay in the field as they are.
 *
 * <p>What no later word can mend is refused at once: a pattern that is no regular expression, with the place. Names that are not defined,
 * or form a circle, are refused when the pipeline is built, or at the first {@link #match}. Immutable, any thread; {@linkplain
 * #stateless() stateless} as a stage.
 */
public final class Grok implements Stage {
  static final String NO_MATCH = "grok: no match";
  static final String TOO_MANY_STEPS = "step budget exceeded";

  private final List<String> patterns;
  private final Library library;
  private final Settings settings;
  private volatile List<Compiled> compiled;

  /** What becomes of an event that matches nothing. */
  enum Misses { FAIL, TAG, DROP }

  record Settings(String from, boolean keepEmpty, boolean anywhere, Misses misses, String tag) {}

  private Grok(List<String> patterns, Library library, Settings settings) {
    this.patterns = patterns;
    this.library = library;
    this.settings = settings;
  }

  /**
   * Looks for this pattern in the message.
   *
   * @throws IllegalArgumentException if it is no regular expression, whatever the definitions it names may be
   */
  public static Grok pattern(String pattern) {
    return new Grok(List.of(checked(pattern)), Library.builtIn(), new Settings(LogEvent.MESSAGE, false, false, Misses.FAIL, null));
  }

  private static String checked(String pattern) {
    if (Objects.requireNonNull(pattern, "pattern").isEmpty()) {
      throw new IllegalArgumentException("a grok pattern must not be empty: it would match everything and find nothing");
    }
    Translation.check(null, pattern);
    return pattern;
  }

  /** Adds a definition, for all patterns of this stage and for other definitions, or replaces one. */
  public Grok define(String name, String pattern) {
    Objects.requireNonNull(name, "name");
    if (name.isEmpty() || !name.chars().allMatch(c -> Translation.isNameChar((char) c))) {
      throw new IllegalArgumentException("the name of a definition has letters of ASCII, digits and underscores, was '" + name + "'");
    }
    Translation.check(name, Objects.requireNonNull(pattern, "pattern"));
    return new Grok(patterns, library.and(Map.of(name, pattern)), settings);
  }

  /**
   * Adds the definitions in a file, or in all files that stand directly in a directory, in the form of Logstash's pattern files: a name, a
   * blank and a pattern on each line; lines that begin with {@code #} are comments. UTF-8, read now. Those that a pattern names must
   * compile, the others need not.
   *
   * @throws java.io.UncheckedIOException if they cannot be read
   * @throws IllegalArgumentException if there are none, or a line is not a definition
   */
  public Grok patternsFrom(Path dirOrFile) {
    return new Grok(patterns, library.and(Library.read(Objects.requireNonNull(dirOrFile, "dirOrFile"))), settings);
  }

  /**
   * Tries another pattern where those before it do not match. From then on the first match of a pattern is taken only if it reaches
   * the end of the text, so that a pattern for the beginning of a longer line does not hide the one for the whole; unless {@link #anywhere}.
   */
  public Grok orElse(String pattern) {
    List<String> more = new ArrayList<>(patterns);
    more.add(checked(pattern));
    return new Grok(List.copyOf(more), library, settings);
  }

  /** Takes a match wherever it ends, also where there are several patterns. */
  public Grok anywhere() {
    return with(new Settings(settings.from, settings.keepEmpty, true, settings.misses, settings.tag));
  }

  /** Looks in this field instead of the message. An event without it is a miss. */
  public Grok from(String field) {
    return with(new Settings(Objects.requireNonNull(field, "field"), settings.keepEmpty, settings.anywhere, settings.misses, settings.tag));
  }

  /** Keeps captures that took part in the match and are empty, as empty text. */
  public Grok keepEmpty() {
    return with(new Settings(settings.from, true, settings.anywhere, settings.misses, settings.tag));
  }

  /** Passes on an event that nothing matches, with this text added to the list in its field {@code tags}. */
  public Grok missesTagged(String tag) {
    return misses(Misses.TAG, Objects.requireNonNull(tag, "tag"));
  }

  /** Drops an event that nothing matches, with the reason {@value #NO_MATCH}. */
  public Grok missesDropped() {
    return misses(Misses.DROP, null);
  }

  private Grok misses(Misses what, String tag) {
    if (settings.misses != Misses.FAIL) {
      throw new IllegalStateException("misses are already " + (settings.misses == Misses.TAG ? "tagged '" + settings.tag + "'" : "dropped") + "; keep one such word");
    }
    return with(new Settings(settings.from, settings.keepEmpty, settings.anywhere, what, tag));
  }

  private Grok with(Settings changed) {
    Grok other = new Grok(patterns, library, changed);
    other.compiled = compiled;
    return other;
  }

  /**
   * Matches a text outside any pipeline, for tests and tools.
   *
   * @return the fields in the order of the pattern, as {@code String}, {@code Long}, {@code Double}, {@code Boolean} or a list of these;
   *     empty where no pattern matches
   * @throws BudgetedMatcher.BudgetExceeded if the match takes too many steps
   * @throws IllegalArgumentException if a pattern names what is not defined, or a circle
   */
  public Optional<Map<String, Object>> match(String line) {
    Objects.requireNonNull(line, "line");
    byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
    for (Compiled pattern : compiled()) {
      Compiled.Finder finder = pattern.borrow();
      if (finder.find(bytes, 0, bytes.length) && (takenAnywhere() || finder.end(0) == bytes.length)) {
        Map<String, Object> found = new LinkedHashMap<>(2 * pattern.fields().size());
        String text = bytes.length == line.length() ? line : null;
        for (Compiled.Field field : pattern.fields()) {
          List<Translation.Capture> captures = field.captures();
          Object value = captures.size() == 1 ? value(text, bytes, finder, captures.get(0)) : values(text, bytes, finder, captures);
          if (value != null) {
            found.put(field.name(), value);
          }
        }
        pattern.giveBack(finder);
        return Optional.of(found);
      }
      pattern.giveBack(finder);
    }
    return Optional.empty();
  }

  /** What one capture comes to, null for nothing. The text is given where each of its characters is one byte. */
  private Object value(String text, byte[] bytes, Compiled.Finder finder, Translation.Capture capture) {
    int start = finder.start(capture.group());
    int end = start < 0 ? start : finder.end(capture.group());
    if (start < 0 || start == end && !settings.keepEmpty) {
      return null;
    }
    Object value = capture.type() == Type.TEXT ? null : capture.type().read(new Ascii().of(bytes, start, end), 0, end - start);
    return value != null ? value : text != null ? text.substring(start, end) : new String(bytes, start, end - start, StandardCharsets.UTF_8);
  }

  private Object values(String text, byte[] bytes, Compiled.Finder finder, List<Translation.Capture> captures) {
    List<Object> values = new ArrayList<>(captures.size());
    for (Translation.Capture capture : captures) {
      Object value = value(text, bytes, finder, capture);
      if (value != null) {
        values.add(value);
      }
    }
    return values.isEmpty() ? null : values.size() == 1 ? values.get(0) : List.copyOf(values);
  }

  /**
   * Tells how far a text comes and what fails there; of several patterns, for the one that matches, else the one that comes furthest. For
   * people and tools: it takes much longer than a match.
   */
  public Explanation explain(String line) {
    Objects.requireNonNull(line, "line");
    Explanation best = null;
    for (Compiled pattern : compiled()) {
      Explanation one = Explainer.explain(pattern, line, !takenAnywhere(), library);
      if (one.matched()) {
        return one;
      }
      best = best == null || one.at() > best.at() ? one : best;
    }
    return best;
  }

  /** Tells for each pattern what matches it, once it is warm, and why. Compiles them now. */
  public List<Plan> plan() {
    return compiled().stream().map(pattern -> {
      pattern.compile();
      Compiled.Engine engine = pattern.engine();
      return new Plan(pattern.written(), engine.name(), engine.why(), engine.steps(), engine.bytes());
    }).toList();
  }

  /**
   * How one pattern is matched.
   *
   * @param pattern as written
   * @param engine {@code compiled} to bytecode; {@code steps}, one by one, as every pattern is at first; or {@code java.util.regex}
   * @param why why it is not compiled; empty if it is
   * @param steps how many steps the pattern has; 0 for java.util.regex
   * @param bytes the size of its class; 0 if there is none
   */
  public record Plan(String pattern, String engine, String why, int steps, int bytes) {
    /** A line to read. */
    @Override
    public String toString() {
      return pattern + ": " + engine + (why.isEmpty() ? "" : " because " + why) + (steps == 0 ? "" : ", " + steps + " steps") + (bytes == 0 ? "" : ", " + bytes + " bytes of code");
    }
  }

  /**
   * Why a text does not match a pattern.
   *
   * @param pattern as written
   * @param matched whether it matches after all; then the rest tells where the match ends
   * @param at the furthest place reached, in characters from the beginning
   * @param element the part that failed there, as written in the pattern or definition
   * @param definition the definition in which that stands; empty for the pattern itself
   * @param reference the part of the pattern itself that led there; the element itself where it stands in the pattern
   * @param wanted what it wanted
   * @param found the text that stood there, cut off; empty at the end of the text
   * @param near definitions that would match there, the best first; empty if none is known
   */
  public record Explanation(String pattern, boolean matched, int at, String element, String definition, String reference, String wanted, String found, List<String> near) {
    /** Lines to read. */
    @Override
    public String toString() {
      if (matched) {
        return "matches, up to character " + at;
      }
      return "no match: came to character " + at + ", " + (found.isEmpty() ? "the end of the text" : "where '" + found + "' stands") + "\n"
          + (element.isEmpty() ? "" : "  failed at  " + element + (definition.isEmpty() ? "" : " of " + definition)
              + (reference.isEmpty() || reference.equals(element) ? "" : ", which is part of " + reference) + "\n")
          + "  wanted     " + wanted + (near.isEmpty() ? "" : "\n  there is   %{" + String.join("}, or %{", near) + "}");
    }
  }

  boolean takenAnywhere() {
    return settings.anywhere || patterns.size() == 1;
  }

  /** Refuses patterns that name what is not defined, or a circle, and patterns that can never be reached. */
  @Override
  public void check() {
    compiled();
    for (int later = 1; later < patterns.size(); later++) {
      for (int earlier = 0; earlier < later; earlier++) {
        if (Shadow.hides(patterns.get(earlier), patterns.get(later), settings.anywhere, library)) {
          throw new IllegalArgumentException("pattern " + (later + 1) + " '" + patterns.get(later) + "' can never be reached: pattern " + (earlier + 1) + " '"
              + patterns.get(earlier) + "' matches whatever it matches; put it before that one, or leave it out");
        }
      }
    }
  }

  /** The field it reads, and its captures with their types. */
  @Override
  public FieldUse fieldUse() {
    FieldUse use = FieldUse.reading(settings.from);
    Map<String, FieldUse.Type> types = new LinkedHashMap<>();
    for (Compiled pattern : compiled()) {
      for (Compiled.Field field : pattern.fields()) {
        types.merge(field.name(), typeOf(field), (a, b) -> a == b ? a : FieldUse.Type.ANY);
      }
    }
    types.remove(LogEvent.MESSAGE);
    for (Map.Entry<String, FieldUse.Type> field : types.entrySet()) {
      use = use.yields(field.getKey(), field.getValue());
    }
    return settings.misses == Misses.TAG ? use.yields(LogEvent.TAGS, FieldUse.Type.ANY) : use;
  }

  private static FieldUse.Type typeOf(Compiled.Field field) {
    if (field.captures().size() > 1) {
      return FieldUse.Type.ANY;
    }
    Translation.Capture only = field.captures().get(0);
    return switch (only.type()) {
      case WHOLE -> FieldUse.Type.WHOLE;
      case DECIMAL -> FieldUse.Type.DECIMAL;
      case TRUTH -> FieldUse.Type.TRUTH;
      default -> only.numeric() ? FieldUse.Type.ANY : FieldUse.Type.TEXT;
    };
  }

  List<Compiled> compiled() {
    List<Compiled> ready = compiled;
    if (ready == null) {
      List<Compiled> all = new ArrayList<>();
      for (String pattern : patterns) {
        all.add(Compiled.of(pattern, library));
      }
      ready = List.copyOf(all);
      compiled = ready;
    }
    return ready;
  }

  @Override
  public Processor open(StageContext context) {
    return new GrokProcessor(compiled(), settings, takenAnywhere(), context);
  }

  @Override
  public boolean stateless() {
    return true;
  }

  /** The patterns, and how many definitions they may name, with a hash that changes when one of these does. */
  @Override
  public String toString() {
    return String.join(" or else ", patterns) + " (" + library.size() + " definitions, " + library.hash() + ")";
  }
}
