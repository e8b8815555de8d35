package io.logstream.parse;

/**
 * Reads a line of Docker's json-file: an object whose members {@code log}, {@code stream} and {@code time} are text, whatever else
 * it holds. Control characters in text are taken as they are. What was read stands in the fields until the next call. One thread.
 */
final class DockerLine {
  /** Where the text stands: in the line itself, or unescaped in a buffer of this reader's. */
  byte[] text;
  int textFrom;
  int textTo;
  /** Whether the text ended with a line feed, which is left out. */
  boolean ended;
  int streamFrom;
  int streamTo;
  int timeFrom;
  int timeTo;

  private byte[] buffer = new byte[256];
  private byte[] b;
  private int at;
  private int to;
  // the string read last, without its quotes
  private int from;
  private int end;
  private boolean escaped;

  /** Whether the bytes are such a line. */
  boolean read(byte[] bytes, int lineFrom, int lineTo) {
    b = bytes;
    at = lineFrom;
    to = lineTo;
    streamFrom = -1;
    timeFrom = -1;
    int logFrom = -1;
    int logTo = 0;
    boolean logEscaped = false;
    if (!take('{')) {
      return false;
    }
    do {
      if (!string()) {
        return false;
      }
      int key = from;
      int keyLength = escaped ? -1 : end - from;
      if (!take(':')) {
        return false;
      }
      blanks();
      if (at < to && b[at] == '"') {
        if (!string()) {
          return false;
        }
        if (is("log", key, keyLength)) {
          logFrom = from;
          logTo = end;
          logEscaped = escaped;
        } else if (is("stream", key, keyLength) && !escaped) {
          streamFrom = from;
          streamTo = end;
        } else if (is("time", key, keyLength) && !escaped) {
          timeFrom = from;
          timeTo = end;
        }
      } else if (!other()) {
        return false;
      }
    } while (take(','));
    if (!take('}')) {
      return false;
    }
    blanks();
    if (at < to || logFrom < 0) {
      return false;
    }
    return text(logFrom, logTo, logEscaped);
  }

  private boolean text(int logFrom, int logTo, boolean logEscaped) {
    text = b;
    textFrom = logFrom;
    textTo = logTo;
    if (logEscaped) {
      int last = onlyLastEscape(logFrom, logTo);
      if (last >= 0) {
        textTo = last;
        ended = true;
        return true;
      }
      if (!unescape(logFrom, logTo)) {
        return false;
      }
    }
    ended = textTo > textFrom && text[textTo - 1] == '\n';
    if (ended) {
      textTo--;
      if (textTo > textFrom && text[textTo - 1] == '\r') {
        textTo--;
      }
    }
    return true;
  }

  /** Where the text ends if its only escape is the line feed at its end; else -1. */
  private int onlyLastEscape(int logFrom, int logTo) {
    int last = logTo - 2;
    if (last < logFrom || b[last] != '\\' || b[last + 1] != 'n') {
      return -1;
    }
    if (Bytes.find(b, logFrom, last, (byte) '\\') >= 0) {
      return -1;
    }
    return last > logFrom && b[last - 1] == '\r' ? last - 1 : last;
  }

  private boolean is(String name, int key, int length) {
    if (length != name.length()) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if (b[key + i] != name.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private void blanks() {
    while (at < to && Bytes.isBlank(b[at])) {
      at++;
    }
  }

  private boolean take(char c) {
    blanks();
    if (at < to && b[at] == c) {
      at++;
      return true;
    }
    return false;
  }

  private boolean string() {
    if (!take('"')) {
      return false;
    }
    from = at;
    escaped = false;
    while (at < to) {
      at = Bytes.findEither(b, at, to, (byte) '"', (byte) '\\');
      if (at < 0) {
        return false;
      }
      if (b[at] == '"') {
        end = at++;
        return true;
      }
      escaped = true;
      at += 2;
    }
    return false;
  }

  /** Passes over a value that is not text. */
  private boolean other() {
    int depth = 0;
    int begin = at;
    while (at < to) {
      byte c = b[at];
      if (c == '"') {
        if (!string()) {
          return false;
        }
        continue;
      }
      if (depth == 0 && (c == ',' || c == '}' || c == ']')) {
        return at > begin && c != ']';
      }
      depth += c == '{' || c == '[' ? 1 : c == '}' || c == ']' ? -1 : 0;
      at++;
    }
    return false;
  }

  private boolean unescape(int logFrom, int logTo) {
    if (buffer.length < logTo - logFrom + 4) {
      buffer = new byte[Math.max(buffer.length * 2, logTo - logFrom + 4)];
    }
    int n = 0;
    int done = logFrom;
    for (int i = Bytes.find(b, logFrom, logTo, (byte) '\\'); i >= 0; i = Bytes.find(b, done, logTo, (byte) '\\')) {
      System.arraycopy(b, done, buffer, n, i - done);
      n += i - done;
      done = i + 2;
      switch (b[i + 1]) {
        case 'n' -> buffer[n++] = '\n';
        case 't' -> buffer[n++] = '\t';
        case 'r' -> buffer[n++] = '\r';
        case 'b' -> buffer[n++] = '\b';
        case 'f' -> buffer[n++] = '\f';
        case '"', '\\', '/' -> buffer[n++] = b[i + 1];
        case 'u' -> {
          int code = Bytes.fourHex(b, done, logTo);
          if (code < 0) {
            return false;
          }
          done += 4;
          if (Character.isHighSurrogate((char) code) && done + 1 < logTo && b[done] == '\\' && b[done + 1] == 'u') {
            int low = Bytes.fourHex(b, done + 2, logTo);
            if (low >= 0 && Character.isLowSurrogate((char) low)) {
              code = Character.toCodePoint((char) code, (char) low);
              done += 6;
            }
          }
          n = Bytes.write(code, buffer, n);
        }
        default -> {
          return false;
        }
      }
    }
    System.arraycopy(b, done, buffer, n, logTo - done);
    text = buffer;
    textFrom = 0;
    textTo = n + logTo - done;
    if (buffer.length > 64 * 1024) {
      buffer = new byte[256];
    }
    return true;
  }
}
