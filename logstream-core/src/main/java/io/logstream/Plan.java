package io.logstream;

import java.util.List;
import java.util.Map;

/**
 * What a pipeline consists of, by name; immutable.
 *
 * @param known which fields events can have at each stage, as it was built; in a run over other sources too
 */
record Plan(String name, List<NamedSource> sources, List<Step> steps, Map<String, KnownFields> known) {

  record NamedSource(String name, DressedSource source, List<Then> own) {}

  /** One word of the chain. */
  sealed interface Step {}

  /**
   * A stage.
   *
   * @param sides what stands at each of its sides, by the side's name
   */
  record Then(String name, Stage stage, Map<String, List<Step>> sides) implements Step {
    Then(String name, Stage stage) {
      this(name, stage, Map.of());
    }
  }

  record To(String name, Sink sink) implements Step {}

  record Fork(String name, List<Step> body) implements Step {}
}
