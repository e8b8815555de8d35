package io.logstream.grok;

import io.logstream.BudgetedMatcher;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Pattern;

/** One pattern in all engines, to be compared with {@code java.util.regex}. */
final class Engines {
  /** Makes java.util.regex begin at whole characters only, as all others do. */
  private static final String WHOLE_CHARACTERS = "|(?!)\\x{1F600}";

  private final Translation translation;
  private final BudgetedMatcher regex;
  private final Run tree;
  private final Run generated;
  private final Run partly;
  private final Utf8Text text = new Utf8Text();
  private final Text wellFormed = new Text();
  int compared;

  private Engines(Translation translation, Program program) throws Program.Unsupported {
    this.translation = translation;
    this.regex = new BudgetedMatcher(Pattern.compile(translation.regex().pattern() + WHOLE_CHARACTERS, CharSet.FLAGS), 300_000);
    this.tree = new Run(program);
    this.generated = new Run(program);
    int[] visits = new int[program.steps.length];
    for (int i = 0; i < visits.length; i += 3) {
      visits[i] = 1;
    }
    this.generated.code = Generator.make(program, visits, true).code();
    this.partly = new Run(program);
    this.partly.code = Generator.make(program, visits, false).code();
  }

  /** Null where only java.util.regex can do it. */
  static Engines of(String pattern, Library library) {
    Translation translation = Translation.of(pattern, library);
    try {
      return new Engines(translation, Program.of(translation.syntax(), translation.groups()));
    } catch (Program.Unsupported e) {
      return null;
    }
  }

  /** What differs, or null. */
  String difference(String line) {
    return difference(line.getBytes(StandardCharsets.UTF_8));
  }

  String difference(byte[] bytes) {
    text.of(bytes, 0, bytes.length);
    int[] expected = null;
    try {
      expected = regex.find(text) ? spans() : null;
    } catch (BudgetedMatcher.BudgetExceeded e) {
      return null;
    }
    compared++;
    wellFormed.of(bytes, 0, bytes.length);
    String byTree = differs("tree", tree, expected, bytes);
    String byCode = byTree != null ? byTree : differs("generated", generated, expected, bytes);
    return byCode != null ? byCode : differs("generated in part", partly, expected, bytes);
  }

  private String differs(String name, Run run, int[] expected, byte[] bytes) {
    int[] found = null;
    try {
      if (run.find(wellFormed.bytes, wellFormed.from, wellFormed.to)) {
        found = new int[2 * (translation.groups() + 1)];
        for (int i = 0; i < found.length; i++) {
          found[i] = run.slots[i] < 0 ? -1 : wellFormed.given(run.slots[i]);
        }
      }
    } catch (BudgetedMatcher.BudgetExceeded e) {
      return name + " exceeded its budget on '" + new String(bytes, StandardCharsets.UTF_8) + "'";
    }
    return Arrays.equals(found, withoutLeftovers(expected, found)) ? null : name + " found " + Arrays.toString(found) + " instead of " + Arrays.toString(expected)
        + " in '" + new String(bytes, StandardCharsets.UTF_8) + "' of " + Translation.shown(translation.regex().pattern(), 300);
  }

  /** A group that java.util.regex has kept from an attempt further to the left, which failed, and that we rightly do not have. */
  private static int[] withoutLeftovers(int[] expected, int[] found) {
    if (expected == null || found == null) {
      return expected;
    }
    int[] spans = expected.clone();
    for (int i = 2; i < spans.length; i += 2) {
      if (found[i] < 0 && spans[i] >= 0 && spans[i] < spans[0] && spans[i + 1] <= spans[0]) {
        spans[i] = -1;
        spans[i + 1] = -1;
      }
    }
    return spans;
  }

  private int[] spans() {
    int[] spans = new int[2 * (translation.groups() + 1)];
    for (int group = 0; group <= translation.groups(); group++) {
      spans[2 * group] = regex.start(group) < 0 ? -1 : text.byteAt(regex.start(group));
      spans[2 * group + 1] = regex.start(group) < 0 ? -1 : text.byteAt(regex.end(group));
    }
    return spans;
  }
}
