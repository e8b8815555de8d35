package io.logstream;

/** What becomes of a record of several lines that would grow over its greatest number of lines or bytes. */
public enum TooLong {
  /** It is emitted as a part, and the rest goes on as the next one, numbered by the field {@code part} from 1: no character is lost. */
  SPLIT,
  /** Its rest is read, counted and left out, up to the record's end; its field {@code truncated} is true. Cut between characters of UTF-8. */
  TRUNCATE,
  /** As {@link #TRUNCATE}, and the record fails, {@code too long}, so that the failure sink gets it up to the cap. */
  FAIL,
  /** It is complete, and what was known of it is forgotten: the next line is looked at as if nothing had been before it. */
  FORGET
}
