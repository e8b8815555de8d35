package io.logstream.testing;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;

/**
 * Exceptions that were really thrown, caught and wrapped: through recursion, lambdas, streams, proxies and reflection, with causes, suppressed
 * ones, messages of several lines, and none. Equal seeds throw the same. What {@link StackTraces} invents, this has from the JVM.
 *
 * <pre>{@code
 * for (Throwable thrown : RealTraces.seed(42).thrown(100)) { log.error("failed", thrown); }
 * }</pre>
 */
public final class RealTraces {
  private static final String[] MESSAGES = {"no such order", "cannot save\nbecause of:\n\tat the wrong time", "", "timeout after 30000 ms", "Caused by: nothing",
      "\u00fcnexpected \ud83d\ude00", "line one\r\nline two", "   "};

  private final long seed;

  private RealTraces(long seed) {
    this.seed = seed;
  }

  /** Exceptions of this seed. */
  public static RealTraces seed(long seed) {
    return new RealTraces(seed);
  }

  /** The first so many. */
  public List<Throwable> thrown(int count) {
    Random random = new Random(seed);
    List<Throwable> all = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      all.add(caught(random, 1 + random.nextInt(4)));
    }
    return all;
  }

  /** The lines that the JVM prints for an exception. */
  public static List<String> lines(Throwable thrown) {
    Objects.requireNonNull(thrown, "thrown of RealTraces.lines");
    StringWriter text = new StringWriter();
    thrown.printStackTrace(new PrintWriter(text));
    return text.toString().lines().toList();
  }

  private static Throwable caught(Random random, int causes) {
    try {
      through(random, random.nextInt(12), () -> {
        if (causes == 1) {
          throw first(random);
        }
        throw wrapped(random, caught(random, causes - 1));
      });
      throw new AssertionError("nothing was thrown");
    } catch (Throwable thrown) {
      if (random.nextInt(4) == 0) {
        thrown.addSuppressed(new IllegalStateException("while closing", random.nextBoolean() ? first(random) : null));
      }
      return thrown;
    }
  }

  /** Calls a step at some depth, each way down another one. */
  private static void through(Random random, int depth, Callable<?> step) throws Exception {
    if (depth == 0) {
      step.call();
      return;
    }
    switch (random.nextInt(4)) {
      case 0 -> through(random, depth - 1, step);
      case 1 -> Stream.of(depth).forEach(d -> {
        try {
          through(random, d - 1, step);
        } catch (RuntimeException e) {
          throw e;
        } catch (Exception e) {
          throw new CompletionException(e);
        }
      });
      case 2 -> {
        InvocationHandler handler = (proxy, method, arguments) -> {
          through(random, depth - 1, step);
          return null;
        };
        ((Callable<?>) Proxy.newProxyInstance(RealTraces.class.getClassLoader(), new Class<?>[] {Callable.class}, handler)).call();
      }
      default -> RealTraces.class.getDeclaredMethod("through", Random.class, int.class, Callable.class).invoke(null, random, depth - 1, step);
    }
  }

  private static Exception first(Random random) {
    String message = MESSAGES[random.nextInt(MESSAGES.length)];
    return switch (random.nextInt(5)) {
      case 0 -> new IllegalArgumentException(message);
      case 1 -> new NoSuchFileException("/var/lib/shop/orders.db");
      case 2 -> new NullPointerException();
      case 3 -> new ArrayIndexOutOfBoundsException(random.nextInt(100));
      default -> new IllegalStateException(message);
    };
  }

  private static Exception wrapped(Random random, Throwable cause) {
    String message = MESSAGES[random.nextInt(MESSAGES.length)];
    return switch (random.nextInt(4)) {
      case 0 -> new IllegalStateException(message, cause);
      case 1 -> new ExecutionException(cause);
      case 2 -> new UncheckedIOException(message, new java.io.IOException(cause));
      default -> new RuntimeException(cause);
    };
  }
}
