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
    for (int i = logFrom; i < last; i++) {
      if (b[i] == '\\') {
        return -1;
      }
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
    while (at < to && (b[at] == ' ' || b[at] == '\t' || b[at] == '\r' || b[at] == '\n')) {
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
    for (; at < to; at++) {
      if (b[at] == '\\') {
        escaped = true;
        at++;
      } else if (b[at] == '"') {
        end = at++;
        return true;
      }
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
    if (buffer.length < logTo - logFrom) {
      buffer = new byte[Math.max(buffer.length * 2, logTo - logFrom)];
    }
    int n = 0;
    for (int i = logFrom; i < logTo; i++) {
      if (b[i] != '\\') {
        buffer[n++] = b[i];
        continue;
      }
      i++;
      switch (b[i]) {
        case 'n' -> buffer[n++] = '\n';
        case 't' -> buffer[n++] = '\t';
        case 'r' -> buffer[n++] = '\r';
        case 'b' -> buffer[n++] = '\b';
        case 'f' -> buffer[n++] = '\f';
        case '"', '\\', '/' -> buffer[n++] = b[i];
        case 'u' -> {
          int unit = hex(i + 1, logTo);
          if (unit < 0) {
            return false;
          }
          i += 4;
          int code = unit;
          if (Character.isHighSurrogate((char) unit) && i + 2 < logTo && b[i + 1] == '\\' && b[i + 2] == 'u') {
            int low = hex(i + 3, logTo);
            if (low >= 0 && Character.isLowSurrogate((char) low)) {
              code = Character.toCodePoint((char) unit, (char) low);
              i += 6;
            }
          }
          n = put(code, n);
        }
        default -> {
          return false;
        }
      }
    }
    text = buffer;
    textFrom = 0;
    textTo = n;
    if (buffer.length > 64 * 1024) {
      buffer = new byte[256];
    }
    return true;
  }

  private int put(int code, int n) {
    int c = code >= 0xD800 && code < 0xE000 ? 0xFFFD : code;
    if (c < 0x80) {
      buffer[n] = (byte) c;
      return n + 1;
    }
    if (c < 0x800) {
      buffer[n] = (byte) (0xC0 | c >> 6);
      buffer[n + 1] = (byte) (0x80 | c & 0x3F);
      return n + 2;
    }
    if (c < 0x10000) {
      buffer[n] = (byte) (0xE0 | c >> 12);
      buffer[n + 1] = (byte) (0x80 | c >> 6 & 0x3F);
      buffer[n + 2] = (byte) (0x80 | c & 0x3F);
      return n + 3;
    }
    buffer[n] = (byte) (0xF0 | c >> 18);
    buffer[n + 1] = (byte) (0x80 | c >> 12 & 0x3F);
    buffer[n + 2] = (byte) (0x80 | c >> 6 & 0x3F);
    buffer[n + 3] = (byte) (0x80 | c & 0x3F);
    return n + 4;
  }

  private int hex(int i, int limit) {
    if (i + 4 > limit) {
      return -1;
    }
    int value = 0;
    for (int k = i; k < i + 4; k++) {
      int digit = Character.digit(b[k], 16);
      if (digit < 0) {
        return -1;
      }
      value = value << 4 | digit;
    }
    return value;
  }
}
