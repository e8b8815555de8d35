package io.logstream;

import java.util.List;
import java.util.Objects;

/**
 * Where every pipeline begins: {@code LogStream.named("nginx").from(FileTail.of(log)).then(..).to(..).build()}.
 */
public final class LogStream {
  private final String name;

  private LogStream(String name) {
    this.name = name;
  }

  /**
   * Names a pipeline. The name stands in thread names, messages and checkpoints.
   *
   * @throws IllegalArgumentException if it is blank or holds control characters
   */
  public static LogStream named(String name) {
    Objects.requireNonNull(name, "pipeline name");
    if (name.isBlank() || name.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException("a pipeline's name must hold something and no control characters, was '" + name + "'");
    }
    return new LogStream(name);
  }

  /** The sources whose events the pipeline takes, together. */
  public PipelineBuilder from(Source... sources) {
    if (sources.length == 0) {
      throw new IllegalArgumentException("pipeline '" + name + "' needs at least one source in from(..)");
    }
    return new PipelineBuilder(name, List.of(sources));
  }
}
