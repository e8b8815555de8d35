package io.logstream.testing;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * Writes the log of a Java application, which looks real and can be had again: records that begin with a time, a level, a thread and
 * a logger, some of one line, some with an exception, its frames and its causes.
 *
 * <pre>
 * 2026-01-01 00:00:00,250 ERROR [http-3] com.shop.OrderService - order 4711 failed
 * java.lang.IllegalStateException: no stock for item 17
 *         at com.shop.stock.Stock.take(Stock.java:118)
 *         ... 12 more
 * Caused by: java.sql.SQLException: connection reset
 * </pre>
 *
 * <p>Immutable: every word returns a new one; equal words and seeds give equal lines.
 */
public final class StackTraces {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss,SSS", Locale.ROOT).withZone(ZoneOffset.UTC);
  private static final String[] THROWN = {"java.lang.IllegalStateException: no stock for item ", "java.lang.NullPointerException",
      "com.shop.PaymentRefused: card of customer ", "java.util.concurrent.TimeoutException", "java.lang.IllegalArgumentException: quantity must be positive, was -"};
  private static final String[] CAUSES = {"java.sql.SQLException: connection reset", "java.net.SocketTimeoutException: Read timed out",
      "java.io.EOFException", "org.postgresql.util.PSQLException: ERROR: deadlock detected\n  Detail: Process 4242 waits for ShareLock"};
  private static final String[] PLACES = {"com.shop.stock.Stock.take(Stock.java:", "com.shop.OrderService.place(OrderService.java:",
      "com.shop.web.CheckoutController.post(CheckoutController.java:", "com.shop.pay.Gateway$$Lambda$214/0x00000008011.call(Unknown Source",
      "java.base/java.util.concurrent.ThreadPoolExecutor.runWorker(ThreadPoolExecutor.java:", "java.base/java.lang.Thread.run(Thread.java:"};
  private static final String[] LOGGERS = {"com.shop.OrderService", "com.shop.web.CheckoutController", "com.shop.pay.Gateway", "com.shop.stock.Stock"};

  private final long seed;
  private final Instant from;
  private final Duration every;

  private StackTraces(long seed, Instant from, Duration every) {
    this.seed = seed;
    this.from = from;
    this.every = every;
  }

  /** A log of this seed: a record every 250 ms from 2026-01-01T00:00:00Z on. */
  public static StackTraces seed(long seed) {
    return new StackTraces(seed, START, Duration.ofMillis(250));
  }

  /** The time of the first record. */
  public StackTraces from(Instant time) {
    return new StackTraces(seed, time, every);
  }

  /** How far the records are apart. */
  public StackTraces every(Duration apart) {
    return new StackTraces(seed, from, apart);
  }

  /** The first so many records, each whole, its lines parted by {@code \n}. */
  public List<String> records(int count) {
    Random random = new Random(seed);
    List<String> records = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      records.add(record(random, from.plus(every.multipliedBy(i))));
    }
    return records;
  }

  /** The lines of the first so many records. */
  public List<String> lines(int ofRecords) {
    return records(ofRecords).stream().flatMap(record -> record.lines()).toList();
  }

  private static String record(Random random, Instant time) {
    boolean fails = random.nextInt(3) == 0;
    StringBuilder record = new StringBuilder(TIME.format(time)).append(fails ? " ERROR" : random.nextInt(10) == 0 ? " WARN " : " INFO ");
    record.append(" [http-").append(random.nextInt(8)).append("] ").append(LOGGERS[random.nextInt(LOGGERS.length)]);
    record.append(" - order ").append(1000 + random.nextInt(9000)).append(fails ? " failed" : " taken");
    if (fails) {
      int thrown = random.nextInt(THROWN.length);
      record.append('\n').append(THROWN[thrown]);
      if (thrown % 2 == 0) {
        record.append(random.nextInt(100));
      }
      frames(record, random, 3 + random.nextInt(6));
      for (int causes = random.nextInt(3); causes > 0; causes--) {
        record.append("\nCaused by: ").append(CAUSES[random.nextInt(CAUSES.length)]);
        frames(record, random, 1 + random.nextInt(3));
        record.append("\n\t... ").append(2 + random.nextInt(40)).append(" more");
      }
    }
    return record.toString();
  }

  private static void frames(StringBuilder record, Random random, int count) {
    for (int i = 0; i < count; i++) {
      String place = PLACES[random.nextInt(PLACES.length)];
      record.append("\n\tat ").append(place).append(place.endsWith(":") ? Integer.toString(10 + random.nextInt(900)) : "").append(')');
    }
  }
}
