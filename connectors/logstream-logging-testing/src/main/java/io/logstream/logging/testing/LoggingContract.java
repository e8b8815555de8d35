package io.logstream.logging.testing;

import io.logstream.Processor;
import io.logstream.Sink;
import io.logstream.StageContext;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Timeout;

/** What the contracts have in common: a framework for each test. */
@Timeout(60)
abstract class LoggingContract<W extends WatchedLogging> {
  /** The framework. */
  @AutoClose protected final W watched;
  /** A logger of it. */
  protected final FrameworkLogger cart;

  LoggingContract(W watched) {
    this.watched = watched;
    cart = watched.logger("com.shop.Cart");
  }

  /** A sink; where it blocks, it has an outbox, and so a thread of its own. */
  static Sink sink(boolean blocks, Processor processor) {
    return new Sink() {
      @Override
      public Processor open(StageContext context) {
        return processor;
      }

      @Override
      public boolean blocks() {
        return blocks;
      }
    };
  }
}
