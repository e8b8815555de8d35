package io.logstream.match;
public interface Condition {
  boolean test(io.logstream.LogEvent event);
  default Condition bind(io.logstream.StageContext context) { return this; }
  default java.util.List<String> fields() { return java.util.List.of(); }
}
