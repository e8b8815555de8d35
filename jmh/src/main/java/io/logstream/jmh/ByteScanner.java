package io.logstream.jmh;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Locale;

/**
 * The access log job as a careful engineer writes it for that one job and no other: one thread, bytes, no validation, an open-addressing table of keys for
 * the window at hand, time parsed once a day.
 */
final class ByteScanner {
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("dd/MMM/yyyy:HH:mm:ss Z", Locale.ENGLISH);
  private static final byte[] HEALTH = "/health".getBytes(StandardCharsets.US_ASCII);

  private final byte[] buffer = new byte[1 << 20];
  private final WholeJobComparison.Windows windows;
  private final byte[] day = new byte[11];
  private long dayMillis;
  private long windowEnds = Long.MIN_VALUE;
  private byte[][] keys = new byte[1 << 10][];
  private WholeJobComparison.Group[] groups = new WholeJobComparison.Group[1 << 10];

  private ByteScanner(WholeJobComparison.Windows windows) {
    this.windows = windows;
  }

  static void report(Path log, WholeJobComparison.Windows windows) throws IOException {
    ByteScanner scanner = new ByteScanner(windows);
    try (FileChannel in = FileChannel.open(log)) {
      int kept = 0;
      for (int n; (n = in.read(ByteBuffer.wrap(scanner.buffer, kept, scanner.buffer.length - kept))) > 0; ) {
        int from = scanner.lines(kept + n);
        kept += n - from;
        System.arraycopy(scanner.buffer, from, scanner.buffer, 0, kept);
      }
    }
    windows.close(Long.MAX_VALUE);
  }

  private int lines(int until) throws IOException {
    int from = 0;
    for (int at = 0; at < until; at++) {
      if (buffer[at] == '\n') {
        line(from, at);
        from = at + 1;
      }
    }
    return from;
  }

  private void line(int from, int until) throws IOException {
    int at = from;
    while (buffer[at] != '[') {
      at++;
    }
    int time = at + 1;
    at += 30;
    while (buffer[at] != ' ') {
      at++;
    }
    int path = ++at;
    int hash = 0;
    for (byte b; (b = buffer[at]) != ' ' && b != '?'; at++) {
      hash = hash * 31 + b;
    }
    if (Arrays.equals(buffer, path, at, HEALTH, 0, HEALTH.length)) {
      return;
    }
    long micros = 0;
    long unit = 1;
    for (int digit = until - 1; buffer[digit] != ' '; digit--, unit *= 10) {
      micros += (buffer[digit] - '0') * unit;
    }
    long millis = millis(time);
    group(millis, path, at, hash).add(micros);
    windows.observed(millis);
  }

  private long millis(int at) {
    if (!Arrays.equals(buffer, at, at + 11, day, 0, 11)) {
      System.arraycopy(buffer, at, day, 0, 11);
      dayMillis = OffsetDateTime.parse(new String(day, StandardCharsets.US_ASCII) + ":00:00:00 +0000", TIME).toInstant().toEpochMilli();
    }
    return dayMillis + 1000L * (3600 * two(at + 12) + 60 * two(at + 15) + two(at + 18));
  }

  private int two(int at) {
    return (buffer[at] - '0') * 10 + buffer[at + 1] - '0';
  }

  private WholeJobComparison.Group group(long millis, int from, int to, int hash) {
    if (millis >= windowEnds || millis < windowEnds - WholeJobComparison.WINDOW) {
      windowEnds = millis - millis % WholeJobComparison.WINDOW + WholeJobComparison.WINDOW;
      Arrays.fill(keys, null);
    }
    int mask = keys.length - 1;
    int slot = hash * 0x9E3779B1 >>> 16 & mask;
    while (keys[slot] != null && !Arrays.equals(keys[slot], 0, keys[slot].length, buffer, from, to)) {
      slot = slot + 1 & mask;
    }
    if (keys[slot] == null) {
      keys[slot] = Arrays.copyOfRange(buffer, from, to);
      String key = new String(keys[slot], StandardCharsets.US_ASCII);
      groups[slot] = windows.groups(millis).computeIfAbsent(key, k -> new WholeJobComparison.Group());
    }
    return groups[slot];
  }
}
