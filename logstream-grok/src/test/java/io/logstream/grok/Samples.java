package io.logstream.grok;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Makes texts that a pattern may match, by walking its syntax, and knows which element each character is for. */
final class Samples {
  private static final String LIKELY = "abcxyzABC0123456789";

  private final Random random;
  private final StringBuilder text = new StringBuilder();
  private final List<Syntax.Source> elements = new ArrayList<>();

  private Samples(Random random) {
    this.random = random;
  }

  /** A text, and for each of its characters the element it was made for. */
  record Sample(String text, List<Syntax.Source> elements) {}

  /** A text that the pattern matches from beginning to end; null if none was found. */
  static Sample of(Translation pattern, Run run, Random random) {
    for (int i = 0; i < 300; i++) {
      Samples made = new Samples(random);
      made.add(pattern.syntax());
      byte[] bytes = made.text.toString().getBytes(StandardCharsets.UTF_8);
      if (run.find(bytes, 0, bytes.length)) {
        return new Sample(made.text.toString(), made.elements);
      }
    }
    return null;
  }

  private void add(Syntax node) {
    if (node instanceof Syntax.Chars chars) {
      String one = character(chars.set());
      for (int i = 0; i < one.length(); i++) {
        elements.add(chars.source());
      }
      text.append(one);
    } else if (node instanceof Syntax.Sequence sequence) {
      sequence.parts().forEach(this::add);
    } else if (node instanceof Syntax.Choice choice) {
      add(choice.options().get(random.nextInt(choice.options().size())));
    } else if (node instanceof Syntax.Repeat repeat) {
      int times = Math.min(repeat.most(), repeat.least() + random.nextInt(4));
      for (int i = 0; i < times; i++) {
        add(repeat.body());
      }
    } else if (node instanceof Syntax.Group group) {
      add(group.body());
    } else if (node instanceof Syntax.Atomic atomic) {
      add(atomic.body());
    }
  }

  private String character(CharSet set) {
    if (set.only() >= 0) {
      return Character.toString(set.only());
    }
    if (set.isAny() && random.nextInt(3) == 0) {
      return " ";
    }
    List<Character> likely = new ArrayList<>();
    for (char c : LIKELY.toCharArray()) {
      if (set.table[c] == CharSet.IN) {
        likely.add(c);
      }
    }
    for (char c = ' '; c < 0x7f && likely.isEmpty(); c++) {
      if (set.table[c] == CharSet.IN) {
        likely.add(c);
      }
    }
    return likely.isEmpty() ? "\t" : likely.get(random.nextInt(likely.size())).toString();
  }
}
