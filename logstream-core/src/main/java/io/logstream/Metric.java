package io.logstream;

import java.util.Map;
import java.util.TreeMap;

/**
 * One figure of a run, as of one moment. All metrics of one name have the same labels, in alphabetical order; a label that does not
 * apply is empty. There are
 *
 * <pre>
 *  logstream.records.in | passed | absorbed | created   counter   pipeline, place
 *  logstream.records.dropped                            counter   pipeline, place, reason
 *  logstream.records.failed                             counter   pipeline, place, cause
 *  logstream.records.held                               gauge     pipeline, place
 *  logstream.unread.bytes                               counter   pipeline, place, log, reason   bytes destroyed before they could be read
 *  logstream.watermark.lag.seconds                      gauge     pipeline           clock less watermark; absent before the first event
 *  logstream.checkpoint.age.seconds                     gauge     pipeline           absent before the first checkpoint of the run
 *  logstream.running                                    gauge     pipeline           1, or 0 while degraded
 *  logstream.(any other)                                          pipeline, place, log   what sources and stages count themselves
 *  logstream.(name of Gauges).(field)                   gauge     pipeline, place, keys  figures of window rows
 * </pre>
 *
 * @param name lower-case words parted by dots, as sources and stages chose them, behind {@code logstream.}
 * @param kind whether it only grows
 * @param labels what tells it from others of its name; a place is a source, stage or sink by its name in {@code describe()}
 * @param value the value; a unit, if it has one, is the last word of the name
 */
public record Metric(String name, Kind kind, Map<String, String> labels, double value) {
  /** What a figure does over time. */
  public enum Kind {
    /** It starts at 0 with the run and only grows. */
    COUNTER,
    /** It goes up and down. */
    GAUGE
  }

  /** Checks nothing and copies the labels. */
  public Metric {
    labels = java.util.Collections.unmodifiableMap(new TreeMap<>(labels));
  }

  /** What stays the same of it from one reading to the next. */
  public Id id() {
    return new Id(name, labels);
  }

  /** A name and labels. */
  public record Id(String name, Map<String, String> labels) {}
}
