package io.logstream;

/** What becomes of a line, or of a record of several, that would grow over its greatest number of bytes or lines. */
public enum TooLong {
  /** It is emitted as a part, and the rest goes on as the next one, numbered by the field {@code part} from 1: no character is lost. */
  SPLIT,
  /** Its rest is read, counted and left out, up to the record's end; its field {@code truncated} is true. Cut between characters of UTF-8. */
  TRUNCATE,
  /** As {@link #TRUNCATE}, and it fails, {@code too long}, so that the failure sink gets it up to the cap. */
  FAIL,
  /** It is complete, and what was known of it is forgotten: the next line is looked at as if nothing had been before it. Not for single lines. */
  FORGET
}
