package io.logstream;

/**
 * How far a log has been read: what its reader would save as of the end of a batch. Immutable; turned into bytes only when a
 * checkpoint is taken, on the trunk's thread, and handed back by {@link SourceContext#saved} after a restart.
 */
@FunctionalInterface
public interface Mark {
  /** The saved form, in the reader's own format. */
  byte[] encode();
}
