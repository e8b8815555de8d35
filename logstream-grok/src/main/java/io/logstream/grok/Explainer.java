package io.logstream.grok;

import io.logstream.BudgetedMatcher;
import io.logstream.grok.Syntax.Source;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Runs a pattern step by step and notes what failed behind the longest stretch of text. What a run skips in search of what follows it does
 * not count: there the stretch ends where the run began. For one text.
 */
final class Explainer implements Run.Trace {
  /** What the text at the place may be, the most telling first. */
  private static final List<String> LIKELY = List.of("TIMESTAMP_ISO8601", "HTTPDATE", "DATESTAMP_RFC2822", "DATESTAMP_RFC822", "SYSLOGTIMESTAMP", "DATESTAMP_OTHER", "DATESTAMP", "DATE", "TIME", "URI",
      "EMAILADDRESS", "UUID", "MAC", "HOSTPORT", "IP", "LOGLEVEL", "NUMBER", "BASE16NUM", "QUOTEDSTRING", "PATH", "HOSTNAME", "WORD", "NOTSPACE", "SPACE", "GREEDYDATA");

  private final Compiled pattern;
  private final byte[] bytes;
  private final Run run;
  private final Text text = new Text();

  /** For each step that takes one more, where its run began. */
  private final int[] lazyBegins;

  /** Steps inside a negative look-around, whose failure is no failure. */
  private final BitSet looksFor;

  // what runs skipped on the way to where the pattern is now, in order
  private int[] skipFrom = new int[16];
  private int[] skipTo = new int[16];
  private int skips;

  private int longest;
  private int furthest = -1;
  private Step failing;
  private int start;
  private int begin;
  private final Set<String> wanted = new LinkedHashSet<>();
  private Source element;
  private Source reference;

  private Explainer(Compiled pattern, byte[] bytes) {
    this.pattern = pattern;
    this.bytes = bytes;
    this.run = pattern.program() == null ? null : new Run(pattern.program());
    this.lazyBegins = new int[run == null ? 0 : pattern.program().steps.length];
    this.looksFor = run == null ? new BitSet() : looksFor(pattern.program());
  }

  private static BitSet looksFor(Program program) {
    BitSet inside = new BitSet();
    for (Step look : program.steps) {
      Deque<Step> open = new ArrayDeque<>();
      if (look.kind == Step.LOOK_NOT) {
        open.push(look.next);
      }
      while (!open.isEmpty()) {
        Step step = open.pop();
        if (step.kind != Step.LOOKED_NOT && !inside.get(step.id)) {
          inside.set(step.id);
          Stream.of(step.next, step.other).filter(Objects::nonNull).forEach(open::push);
          Stream.of(step.targets == null ? new Step[0] : step.targets).filter(Objects::nonNull).forEach(open::push);
        }
      }
    }
    return inside;
  }

  /** Why the text matches or not. */
  static Grok.Explanation explain(Compiled pattern, String line, boolean toEnd, Library library) {
    return new Explainer(pattern, line.getBytes(StandardCharsets.UTF_8)).explain(toEnd, library);
  }

  private Grok.Explanation explain(boolean toEnd, Library library) {
    Compiled.Finder finder = pattern.finder();
    try {
      if (finder.find(bytes, 0, bytes.length)) {
        int end = finder.end(0);
        if (!toEnd || end == bytes.length) {
          return new Grok.Explanation(pattern.written(), true, characters(end), "", "", "", "", shown(end), List.of());
        }
        return new Grok.Explanation(pattern.written(), false, characters(end), "", "", "", "the end of the text", shown(end), near(library, end));
      }
    } catch (BudgetedMatcher.BudgetExceeded e) {
      return new Grok.Explanation(pattern.written(), false, 0, "", "", "", "fewer steps: " + e.getMessage(), shown(0), List.of());
    }
    if (run == null) {
      return new Grok.Explanation(pattern.written(), false, 0, pattern.written(), "", "", "what only java.util.regex knows (" + pattern.whyNot() + "), which does not say how far it came",
          shown(0), List.of());
    }
    run.trace = this;
    text.of(bytes, 0, bytes.length);
    try {
      run.find(text.bytes, text.from, text.to);
    } catch (BudgetedMatcher.BudgetExceeded e) {
      // what is known by now is told
    }
    if (failing == null) {
      return new Grok.Explanation(pattern.written(), false, 0, pattern.written(), "", "", "the beginning of a line", shown(0), List.of());
    }
    int at = text.given(furthest);
    Source inner = element;
    String definition = inner == null || inner.text().name == null ? "" : inner.text().name;
    return new Grok.Explanation(pattern.written(), false, characters(at), inner == null ? "" : inner.written(), definition,
        reference == null ? "" : reference.written(), String.join(" or ", wanted), shown(at), near(library, text.given(begin)));
  }

  @Override
  public void skipped(Step step, int begin, int end) {
    if (step.kind == Step.RUN_LAZY) {
      lazyBegins[step.other.id] = end;
    }
    int from = step.kind == Step.TAKE_MORE ? lazyBegins[step.id] : begin;
    while (skips > 0 && (skipFrom[skips - 1] >= from || skipFrom[0] < run.begun)) {
      skips--;
    }
    if (end > from && (step.set.isAny() || step.kind != Step.RUN_BACK)) {
      if (skips == skipFrom.length) {
        skipFrom = Arrays.copyOf(skipFrom, 2 * skips);
        skipTo = Arrays.copyOf(skipTo, 2 * skips);
      }
      skipFrom[skips] = from;
      skipTo[skips++] = end;
    }
  }

  @Override
  public void failed(Step step, int pos) {
    if (pos < 0 || step.source == null || looksFor.get(step.id)) {
      return;
    }
    int at = pos + matched(step, pos);
    int skipped = 0;
    for (int i = 0; i < skips && skipFrom[0] >= run.begun; i++) {
      if (skipTo[i] == pos) {
        at = skipFrom[i];
      } else if (skipTo[i] < pos) {
        skipped += skipTo[i] - skipFrom[i];
      }
    }
    int stretch = at - run.begun - skipped;
    boolean same = at == furthest && run.begun == start;
    if (failing == null || stretch > longest || stretch == longest && same && step.toEnd < failing.toEnd) {
      if (!same) {
        wanted.clear();
      }
      longest = stretch;
      furthest = at;
      start = run.begun;
      failing = step;
      element = step.source;
      reference = element;
      while (reference.text().namedBy != null) {
        reference = reference.text().namedBy;
      }
      begin = begun(step.source, at);
    }
    if (at == furthest && run.begun == start && wanted.size() < 4) {
      wanted.add(wanted(step, at > pos));
    }
  }

  /** How many bytes from here on are as the step wants them. */
  private int matched(Step step, int pos) {
    int at = pos;
    if (step.kind == Step.LITERAL) {
      while (at < text.to && at - pos < step.bytes.length && text.bytes[at] == step.bytes[at - pos]) {
        at++;
      }
      while (at > pos && at < text.to && (text.bytes[at] & 0xc0) == 0x80) {
        at--;
      }
    } else if (step.kind == Step.RUN || step.kind == Step.RUN_BACK || step.kind == Step.RUN_LAZY) {
      at = step.set.run(text.bytes, pos, text.to, 0, step.least);
    }
    return at - pos + step.ahead;
  }

  /** Where the capture began of which this is a part. */
  private int begun(Source source, int at) {
    int found = at;
    for (Source above = source; above != null; above = above.text().namedBy) {
      for (Step step : pattern.program().steps) {
        if ((step.kind == Step.OPEN || step.kind == Step.OPEN_AGAIN) && step.source == above && run.slots[step.slot] >= 0 && run.slots[step.slot] <= at) {
          found = run.slots[step.slot];
        }
      }
    }
    return found;
  }

  private static String wanted(Step step, boolean begun) {
    return switch (step.kind) {
      case Step.LITERAL -> (step.meant == null ? "'" + visible(new String(step.bytes, StandardCharsets.UTF_8)) + "'" : visible(step.meant))
          + (begun || step.meant != null ? " whole" : "");
      case Step.ONE, Step.RUN, Step.RUN_BACK, Step.RUN_LAZY -> (step.least > 1 ? step.least + " characters of " : "a character of ") + step.set.regex();
      case Step.GIVE_BACK, Step.TAKE_MORE -> "what can follow " + step.source.written();
      case Step.SWITCH -> step.meant == null ? "one of " + bytes(Ahead.taken(step.targets)) : visible(step.meant) + " whole";
      case Step.PEEK, Step.PEEK_BACK -> (step.wanted ? "a character of " : "no character of ") + step.set.regex() + (step.kind == Step.PEEK ? " next" : " before");
      case Step.LINE_BEGIN -> Syntax.Place.LINE_BEGIN.wanted;
      case Step.LINE_END -> Syntax.Place.LINE_END.wanted;
      case Step.BEGIN -> Syntax.Place.BEGIN.wanted;
      case Step.END -> Syntax.Place.END.wanted;
      case Step.LAST_LINE_END -> Syntax.Place.LAST_LINE_END.wanted;
      case Step.BOUNDARY -> Syntax.Place.BOUNDARY.wanted;
      case Step.NO_BOUNDARY -> Syntax.Place.NO_BOUNDARY.wanted;
      default -> step.source.written();
    };
  }

  private static String bytes(First first) {
    StringBuilder shown = new StringBuilder();
    for (int c = 0; c < 128; c++) {
      int end = c;
      while (end < 127 && first.has(c) && first.has(end + 1)) {
        end++;
      }
      if (first.has(c)) {
        shown.append(visible(Character.toString(c))).append(end > c + 1 ? "-" : "").append(end > c ? visible(Character.toString(end)) : "");
        c = end;
      }
    }
    return shown + (first.has(0xc3) ? " and characters beyond ASCII" : "") + (first.has(First.END) ? ", or the end of the text" : "");
  }

  private int characters(int at) {
    return new String(bytes, 0, at, StandardCharsets.UTF_8).length();
  }

  private String shown(int at) {
    return at == bytes.length ? "" : Translation.shown(visible(new String(bytes, at, Math.min(200, bytes.length - at), StandardCharsets.UTF_8)), 40);
  }

  private static String visible(String some) {
    return some.replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r");
  }

  /** Definitions that match the text from here to a place where words end; the two that reach furthest. */
  private List<String> near(Library library, int at) {
    String rest = new String(bytes, at, bytes.length - at, StandardCharsets.UTF_8);
    record Near(String name, int end) {}
    List<Near> all = new ArrayList<>();
    for (String name : LIKELY) {
      if (library.get(name) != null && (reference == null || !reference.written().startsWith("%{" + name + "}") && !reference.written().startsWith("%{" + name + ":"))) {
        Compiled.Finder finder = library.likely(name).finder();
        byte[] of = rest.getBytes(StandardCharsets.UTF_8);
        boolean catchesAll = name.equals("GREEDYDATA") || name.equals("SPACE") || name.equals("NOTSPACE");
        if (finder.find(of, 0, of.length) && finder.end(0) > 0 && (!catchesAll || all.isEmpty())) {
          all.add(new Near(name, finder.end(0)));
        }
      }
    }
    all.sort((a, b) -> Integer.compare(b.end, a.end));
    return all.stream().limit(2).map(Near::name).toList();
  }
}
