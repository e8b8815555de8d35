package io.logstream.grok;

import io.logstream.BudgetedMatcher;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;

/** One pattern, ready to be matched: its fields with the captures that fill them, and what finds these. Any thread. */
final class Compiled {
  /** Looks of java.util.regex: patterns with several GREEDYDATA take millions of steps on lines that they match. */
  private static final long LOOKS = 8_000_000;

  private final String written;
  private final Pattern regex;
  private final List<Field> fields;
  private final int groups;

  /** Null where only java.util.regex can do it. */
  private final Program program;

  private final String whyNot;

  /** How often texts came by each step, when that was last asked. */
  private final int[] visits;

  /** Searches that may still go step by step until code is made. Threads may count at once: some more or less do not matter. */
  private volatile int untilCode = FIRST_STEPS;

  private volatile Generator.Made made;
  private volatile String whyNoCode;
  private final AtomicReference<Finder> idle = new AtomicReference<>();

  /** So many searches are done step by step before it is worth making code; most patterns of a start-up never get there. */
  private static final int FIRST_STEPS = 200;

  /**
   * So many more leave the code, which is for the steps that those came by, before code for all is made. To leave it costs about a
   * microsecond, to have new code compiled by HotSpot a tenth of a second.
   */
  private static final int STRAYS = 100_000;

  /** A field and its captures, in the order of the pattern. */
  record Field(String name, List<Translation.Capture> captures) {}

  private Compiled(String written, Translation translation, List<Field> fields) {
    this.written = written;
    this.regex = translation.regex();
    this.groups = translation.groups();
    this.fields = List.copyOf(fields);
    Program made = null;
    String why = null;
    try {
      made = Program.of(translation.syntax(), groups);
    } catch (Program.Unsupported e) {
      why = e.getMessage();
    }
    this.program = made;
    this.whyNot = why;
    this.visits = new int[made == null ? 0 : made.steps.length];
  }

  static Compiled of(String pattern, Library library) {
    Translation translation = Translation.of(pattern, library);
    Map<String, List<Translation.Capture>> byName = new LinkedHashMap<>();
    for (Translation.Capture capture : translation.captures()) {
      byName.computeIfAbsent(capture.field(), name -> new ArrayList<>()).add(capture);
    }
    List<Field> fields = new ArrayList<>();
    byName.forEach((name, captures) -> fields.add(new Field(name, List.copyOf(captures))));
    return new Compiled(pattern, translation, fields);
  }

  String written() {
    return written;
  }

  List<Field> fields() {
    return fields;
  }

  Program program() {
    return program;
  }

  /** Why java.util.regex does it; null if it does not. */
  String whyNot() {
    return whyNot;
  }

  /** One for a thread of its own. */
  Finder finder() {
    return program == null ? new RegexFinder(new BudgetedMatcher(regex, LOOKS), groups) : new StepFinder(this);
  }

  /** Makes the code for all steps, if it has not been made and can be. */
  void compile() {
    compile(new int[visits.length], true);
  }

  private synchronized void compile(int[] more, boolean whole) {
    if (program == null || whyNoCode != null || made != null && (made.whole() || !whole)) {
      return;
    }
    for (int i = 0; i < visits.length; i++) {
      visits[i] += more[i];
    }
    try {
      made = Generator.make(program, visits, whole);
      untilCode = made.whole() ? 0 : STRAYS;
    } catch (Program.Unsupported e) {
      whyNoCode = e.getMessage();
    } catch (LinkageError | RuntimeException e) {
      whyNoCode = "this virtual machine defines no classes here: " + e;
    }
  }

  private void count(int[] more) {
    int left = untilCode;
    if (left > 0) {
      untilCode = left - 1;
      if (left == 1) {
        compile(more, made != null);
      }
    }
  }

  /** What it is made of now, and why. */
  Engine engine() {
    if (program == null) {
      return new Engine("java.util.regex", whyNot, 0, 0);
    }
    Generator.Made ready = made;
    if (ready != null) {
      return new Engine("compiled", "", program.steps.length, ready.bytes());
    }
    return new Engine("steps", whyNoCode == null ? "it is compiled after " + FIRST_STEPS + " texts" : whyNoCode, program.steps.length, 0);
  }

  record Engine(String name, String why, int steps, int bytes) {}

  /** One that nobody uses now; {@link #giveBack} it. */
  Finder borrow() {
    Finder free = idle.getAndSet(null);
    return free == null ? finder() : free;
  }

  void giveBack(Finder finder) {
    idle.lazySet(finder);
  }

  /** Looks for the pattern in bytes, one text after another, on one thread. Positions are those of the bytes that were given. */
  abstract static class Finder {
    /**
     * Looks for the first match.
     *
     * @throws BudgetedMatcher.BudgetExceeded if it takes too many steps
     */
    abstract boolean find(byte[] bytes, int from, int to);

    /** Whether it is worth looking: false where what every match contains is not there. */
    boolean mayFind(byte[] bytes, int from, int to) {
      return true;
    }

    /** Where each group of the last match begins, -1 where it took no part, and where it ends. Until the next search. */
    abstract int[] found();

    /** Where a group of the last match begins; -1 where it took no part. */
    final int start(int group) {
      return found()[2 * group];
    }

    /** Where a group of the last match ends. */
    final int end(int group) {
      return found()[2 * group + 1];
    }

    /** Steps of the last search. */
    abstract long steps();

    /** Whether a capture of the last match is there to become a value. */
    final boolean present(int group, boolean keepEmpty) {
      int start = start(group);
      return start >= 0 && (keepEmpty || end(group) > start);
    }
  }

  private static final class RegexFinder extends Finder {
    private final BudgetedMatcher matcher;
    private final Utf8Text text = new Utf8Text();
    private final int[] found;

    RegexFinder(BudgetedMatcher matcher, int groups) {
      this.matcher = matcher;
      this.found = new int[2 * (groups + 1)];
    }

    @Override
    boolean find(byte[] bytes, int from, int to) {
      text.of(bytes, from, to);
      if (!matcher.find(text)) {
        return false;
      }
      for (int group = 0; 2 * group < found.length; group++) {
        int start = matcher.start(group);
        found[2 * group] = start < 0 ? -1 : text.byteAt(start);
        found[2 * group + 1] = start < 0 ? -1 : text.byteAt(matcher.end(group));
      }
      return true;
    }

    @Override
    int[] found() {
      return found;
    }

    @Override
    long steps() {
      return 0;
    }
  }

  private static final class StepFinder extends Finder {
    private final Compiled pattern;
    private final Run run;
    private final Text text = new Text();

    StepFinder(Compiled pattern) {
      this.pattern = pattern;
      this.run = new Run(pattern.program);
      run.visits = new int[pattern.program.steps.length];
    }

    @Override
    boolean find(byte[] bytes, int from, int to) {
      if (run.stepwise) {
        look();
      }
      text.of(bytes, from, to);
      boolean found = run.find(text.bytes, text.from, text.to);
      if (found && text.isMended()) {
        text.given(run.slots, 2 * (pattern.groups + 1));
      }
      return found;
    }

    /** Counts a search that went step by step, and sees whether there is code by now. */
    private void look() {
      if (run.visits != null) {
        pattern.count(run.visits);
      }
      Generator.Made made = pattern.made;
      run.code = made == null ? null : made.code();
      run.visits = made != null && made.whole() || pattern.whyNoCode != null ? null : run.visits;
    }

    @Override
    boolean mayFind(byte[] bytes, int from, int to) {
      return run.mayMatch(bytes, from, to);
    }

    @Override
    int[] found() {
      return run.slots;
    }

    @Override
    long steps() {
      return run.steps();
    }
  }
}
