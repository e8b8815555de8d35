package io.logstream.grok;

import io.logstream.BudgetedMatcher;
import io.logstream.grok.Syntax.Source;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Runs a pattern step by step and notes what failed nearest to the pattern's end, and there the furthest in the text: far in the text alone
 * comes any part that skips what it likes. For one text.
 */
final class Explainer implements Run.Trace {
  /** What the text at the place may be, the most telling first. */
  private static final List<String> LIKELY = List.of("TIMESTAMP_ISO8601", "HTTPDATE", "DATESTAMP_RFC2822", "DATESTAMP_RFC822", "SYSLOGTIMESTAMP", "DATESTAMP_OTHER", "DATESTAMP", "DATE", "TIME", "URI",
      "EMAILADDRESS", "UUID", "MAC", "HOSTPORT", "IP", "LOGLEVEL", "NUMBER", "BASE16NUM", "QUOTEDSTRING", "PATH", "HOSTNAME", "WORD", "NOTSPACE", "SPACE", "GREEDYDATA");

  private final Compiled pattern;
  private final byte[] bytes;
  private final Run run;
  private final Text text = new Text();

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
  public void failed(Step step, int pos) {
    int at = pos;
    if (step.kind == Step.LITERAL) {
      while (at < text.to && at - pos < step.bytes.length && text.bytes[at] == step.bytes[at - pos]) {
        at++;
      }
      while (at > pos && at < text.to && (text.bytes[at] & 0xc0) == 0x80) {
        at--;
      }
    }
    if (at < 0 || step.source == null) {
      return;
    }
    if (failing == null || step.toEnd < failing.toEnd || step.toEnd == failing.toEnd && at > furthest) {
      furthest = at;
      start = run.begun;
      failing = step;
      wanted.clear();
      element = step.source;
      reference = element;
      while (reference.text().namedBy != null) {
        reference = reference.text().namedBy;
      }
      begin = begun(step.source, at);
    }
    if (at == furthest && run.begun == start && wanted.size() < 4) {
      wanted.add(wanted(step, at - pos));
    }
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

  private static String wanted(Step step, int matched) {
    return switch (step.kind) {
      case Step.LITERAL -> "'" + visible(new String(step.bytes, 0, step.bytes.length, StandardCharsets.UTF_8)) + "'" + (matched > 0 ? " whole" : "");
      case Step.ONE, Step.RUN, Step.RUN_BACK, Step.RUN_LAZY -> (step.least > 1 ? step.least + " characters of " : "a character of ") + step.set.regex();
      case Step.GIVE_BACK, Step.TAKE_MORE -> "what can follow " + step.source.written();
      case Step.SWITCH -> "one of " + bytes(step.first);
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
        Compiled likely = Compiled.of("\\A%{" + name + "}(?![A-Za-z0-9_])", library);
        Compiled.Finder finder = likely.finder();
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
