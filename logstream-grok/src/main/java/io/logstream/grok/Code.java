package io.logstream.grok;

/** A {@link Program} as bytecode of its own, made by {@link Generator}. Any thread. */
abstract class Code {
  /** As the steps do it: whether there is a match from {@code start} on, whose end is then {@code run.pos}. */
  abstract boolean match(Run run, byte[] b, int from, int to, int start);
}
