package io.logstream.grok;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * For every definition, a text that it matches is damaged where an element begins, and the explanation names that element. Damage that
 * another way through the pattern gets over does not count. With {@code -Dlogstream.conformance.patterns=DIR} for the definitions there too.
 */
class DamageTest {
  private static final char[] DAMAGE = {'\u0001', '\n', '"', ' ', '~', '0', 'Z', ':', ';'};

  /** Definitions that nothing can damage, since they take any text or its beginning; and two that want what comes behind the text to be a certain word. */
  private static final List<String> LEFT_OUT = List.of("DATA", "GREEDYDATA", "GREEDYDATA_NO_COLON", "GREEDYDATA_NO_SEMICOLON", "HAPROXYCAPTUREDREQUESTHEADERS", "HAPROXYCAPTUREDRESPONSEHEADERS", "JAVALOGMESSAGE", "SPACE", "POSTFIX_PROXY_MESSAGE",
      "ELB_REQUEST_LINE",
      "S3_REQUEST_LINE", "MONGO_QUERY", "MONGO_SLOWQUERY");

  /** What one definition came to. */
  private static final class Tried {
    int placed;
    int named;
    int explained;
    String example = "";
  }

  private static Tried damaged(String name, Library library, int samples) throws Exception {
    String pattern = "\\A%{" + name + "}\\z";
    Translation translation = Translation.of(pattern, library);
    Compiled compiled = Compiled.of(pattern, library);
    Run run = new Run(Program.of(translation.syntax(), translation.groups()));
    Random random = new Random(7);
    Tried tried = new Tried();
    for (int i = 0; i < samples; i++) {
      Samples.Sample sample = Samples.of(translation, run, random);
      for (int j = 0; sample != null && j < 4 && !sample.text().isEmpty(); j++) {
        int at = random.nextInt(sample.text().length());
        while (at > 0 && sample.elements().get(at) == sample.elements().get(at - 1)) {
          at--;
        }
        String line = damaged(sample.text(), at, run);
        if (line != null && !reachesBeyond(run, line, at)) {
          explain(compiled, library, line, at, sample.elements().get(at), tried);
        }
      }
    }
    return tried;
  }

  private static void explain(Compiled compiled, Library library, String line, int at, Syntax.Source element, Tried tried) {
    Grok.Explanation explanation = Explainer.explain(compiled, line, false, library);
    boolean placed = explanation.at() == at;
    boolean named = placed && (element.written().contains(explanation.element()) || explanation.element().contains(element.written())
        || explanation.definition().equals(element.text().name));
    tried.explained++;
    tried.placed += placed ? 1 : 0;
    tried.named += named ? 1 : 0;
    if (!named) {
      tried.example = "at " + at + " of '" + line + "' for " + element.written() + ": " + explanation;
    }
  }

  /** The text with another character there, so that it does not match; null if all match. */
  private static String damaged(String text, int at, Run run) {
    for (char other : DAMAGE) {
      String line = text.substring(0, at) + other + text.substring(at + 1);
      byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
      if (!run.find(bytes, 0, bytes.length)) {
        return line;
      }
    }
    return null;
  }

  private static boolean reachesBeyond(Run run, String line, int at) {
    boolean[] beyond = new boolean[1];
    run.trace = new Run.Trace() {
      @Override
      public void failed(Step step, int pos) {
        beyond[0] |= pos > at;
      }

      @Override
      public void skipped(Step step, int begin, int end) {
        // all that counts is what fails
      }
    };
    byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
    run.find(bytes, 0, bytes.length);
    run.trace = null;
    return beyond[0];
  }

  private static void explains(Library library) throws Exception {
    List<String> wrong = new ArrayList<>();
    int placed = 0;
    int explained = 0;
    for (String name : new TreeSet<>(library.names())) {
      Tried tried = damaged(name, library, 1);
      for (int samples = 4; tried.named == 0 && samples < 65 && !LEFT_OUT.contains(name); samples *= 4) {
        tried = damaged(name, library, samples);
      }
      placed += tried.placed;
      explained += tried.explained;
      if (tried.named == 0 && !LEFT_OUT.contains(name)) {
        wrong.add(name + " " + tried.explained + " " + tried.example);
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(placed).as("of " + explained + " explained").isGreaterThan(explained * 97 / 100);
  }

  @Test
  void namesTheDamagedElementOfEveryBuiltInDefinition() throws Exception {
    explains(Library.builtIn());
  }

  @Test
  void namesTheDamagedElementOfEveryOtherDefinition() throws Exception {
    String patterns = System.getProperty("logstream.conformance.patterns", "");
    if (!patterns.isEmpty()) {
      explains(Library.builtIn().and(Library.read(Path.of(patterns))));
    }
  }
}
