package io.logstream;

import java.util.List;

/** What a pipeline consists of, by name; immutable. */
record Plan(String name, List<NamedSource> sources, List<Step> steps) {

  record NamedSource(String name, DressedSource source, List<Then> own) {}

  /** One word of the chain. */
  sealed interface Step {}

  record Then(String name, Stage stage) implements Step {}

  record To(String name, Sink sink) implements Step {}

  record Fork(String name, List<Step> body) implements Step {}
}
