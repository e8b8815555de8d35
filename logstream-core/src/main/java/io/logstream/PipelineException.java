package io.logstream;

/** A run that could not be started, or that ended by an error. */
public final class PipelineException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** With a message that names the pipeline. */
  public PipelineException(String message) {
    super(message);
  }

  /** With a message that names the pipeline, and the cause. */
  public PipelineException(String message, Throwable cause) {
    super(message, cause);
  }
}
