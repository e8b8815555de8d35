package io.logstream.sink;

import io.logstream.Counter;
import io.logstream.Emitter;
import io.logstream.LogEvent;
import io.logstream.Processor;
import io.logstream.StageContext;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/** The running half of {@link Webhook}: holds events until the other end has taken them. */
final class WebhookWriter implements Processor {
  private static final long FIRST_PAUSE_NANOS = 100_000_000L;
  private static final long LONGEST_PAUSE_NANOS = 30_000_000_000L;
  /** A request that is longer is sent at once, however few events it has. */
  private static final int MOST_BYTES = 4 << 20;

  private final Webhook webhook;
  private final StageContext context;
  private final EventJson json = new EventJson();
  private final ByteArrayOutputStream body = new ByteArrayOutputStream(1024);
  private final List<LogEvent> events = new ArrayList<>();
  private final Counter requests;
  private final Counter retries;
  private Emitter out;

  WebhookWriter(Webhook webhook, StageContext context) {
    this.webhook = webhook;
    this.context = context;
    requests = context.counter("requests");
    retries = context.counter("retries");
  }

  @Override
  public void process(LogEvent event, Emitter emitter) throws IOException {
    out = emitter;
    EventJson.Line line = json.line(event);
    if (webhook.atMost > 1) {
      body.write(events.isEmpty() ? '[' : ',');
    }
    body.write(line.bytes(), 0, line.size() - 1); // without its end
    events.add(out.hold(event));
    if (events.size() >= webhook.atMost || body.size() >= MOST_BYTES) {
      flush();
    }
  }

  @Override
  public void onQuiet() throws IOException {
    flush();
  }

  @Override
  public void onEnd(Emitter emitter) throws IOException {
    out = emitter;
    flush();
  }

  @Override
  public void flush() throws IOException {
    if (events.isEmpty()) {
      return;
    }
    byte[] whole = body.toByteArray();
    if (webhook.atMost > 1) {
      body.write(']');
      whole = body.toByteArray();
    }
    try {
      insist(whole);
      events.forEach(out::absorb);
    } catch (InterruptedException e) {
      if (webhook.atMost > 1) {
        truncate(whole); // as it was: the next call goes on with it
      }
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("the run was given up while events waited");
    } catch (IOException e) {
      String cause = Webhook.isFinal(e) ? "refused" : "not delivered";
      events.forEach(event -> out.fail(event, cause, e.toString()));
    }
    events.clear();
    body.reset();
  }

  private void truncate(byte[] whole) {
    body.reset();
    body.write(whole, 0, whole.length - 1);
  }

  /** Posts until the other end has taken or refused it, or patience is at its end. */
  private void insist(byte[] whole) throws IOException, InterruptedException {
    long began = System.nanoTime();
    for (long pause = FIRST_PAUSE_NANOS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_NANOS)) {
      requests.increment();
      try {
        webhook.post(whole, Map.of());
        return;
      } catch (IOException e) {
        if (Webhook.isFinal(e) || webhook.patience != null && System.nanoTime() - began + pause > webhook.patience.toNanos()) {
          throw e;
        }
        retries.increment();
        context.warn("does not get through to " + webhook + ", trying again: " + e);
      }
      LockSupport.parkNanos(this, pause);
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
    }
  }
}
