package io.logstream;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.function.DoubleSupplier;

/** What a reader may know of the run it is in. */
public interface SourceContext {
  /** The pipeline's name. */
  String pipeline();

  /** The source's name. */
  String name();

  /** The only clock to ask. */
  InstantSource clock();

  /** How far out of order its events may be, as the stage says that gives them their time; as the source says where none does. */
  Duration outOfOrder();

  /** The fast handle of a field that this source gives its events. While the source opens only. */
  FieldKey key(String field);

  /**
   * A log that this reader has found; the same one for the same key. Its fields are added to those said with {@link Source#field}.
   */
  Log log(String key, Map<String, ?> fields);

  /** What was saved of each log, by key, in an earlier run: the encoded {@link Mark}s. Empty without a checkpoint. */
  Map<String, byte[]> saved();

  /** Counts bytes of a log that were destroyed before they could be read. */
  void unread(Log log, long bytes, String reason);

  /** A counter of the source, shown in the metrics; that of one log is {@link Log#counter}. */
  Counter counter(String name);

  /** A figure of the source that goes up and down, as in {@link StageContext#gauge}; that of one log is {@link Log#gauge}. */
  void gauge(String name, DoubleSupplier value);

  /** Says once per text, in the log, that something is wrong. */
  void warn(String text);
}
