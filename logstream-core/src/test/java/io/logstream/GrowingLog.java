package io.logstream;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** A log that a test writes while it is read, and that is read on from its mark after a restart. Any thread. */
final class GrowingLog implements Source {
  final AtomicInteger polls = new AtomicInteger();
  final AtomicInteger closed = new AtomicInteger();
  private final String name;
  private final List<String> lines = new ArrayList<>();
  private int perBatch = 3;
  private boolean ended;
  private int failures;
  private int failAfter;

  GrowingLog(String name) {
    this.name = name;
  }

  static GrowingLog of(String... lines) {
    return new GrowingLog("log").add(lines);
  }

  synchronized GrowingLog add(String... more) {
    lines.addAll(Arrays.asList(more));
    return this;
  }

  synchronized GrowingLog perBatch(int n) {
    perBatch = n;
    return this;
  }

  synchronized GrowingLog end() {
    ended = true;
    return this;
  }

  /** The next so many polls throw, each after this many lines were put into its batch. */
  synchronized GrowingLog failing(int times, int afterLines) {
    failures = times;
    failAfter = afterLines;
    return this;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Reader open(SourceContext context) {
    byte[] saved = context.saved().get(name);
    Log log = context.log(name, Map.of("file", name + ".log"));
    return new Reader() {
      private int next = saved == null ? 0 : Integer.parseInt(new String(saved, StandardCharsets.US_ASCII));

      @Override
      public Found poll(Batch batch) throws IOException {
        synchronized (GrowingLog.this) {
          polls.incrementAndGet();
          if (failures > 0 && failAfter == 0) {
            failures--;
            throw new IOException("the disk is gone");
          }
          if (next == lines.size()) {
            return ended ? Found.END : Found.NOTHING;
          }
          batch.begin(log, "");
          int n = 0;
          while (n < perBatch && next < lines.size()) {
            if (failures > 0 && n == failAfter) {
              failures--;
              throw new IOException("the disk is gone");
            }
            batch.line(lines.get(next), next, next + 1L);
            n++;
            next++;
            int upTo = next;
            batch.mark(() -> Integer.toString(upTo).getBytes(StandardCharsets.US_ASCII));
          }
          return Found.SOMETHING;
        }
      }

      @Override
      public void close() {
        closed.incrementAndGet();
      }
    };
  }
}
