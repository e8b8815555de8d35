package io.logstream.sink;

import io.logstream.Emitter;
import io.logstream.LogEvent;
import io.logstream.Processor;
import io.logstream.StageContext;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** The running half of {@link Webhook}: holds events until the other end has taken them. */
final class WebhookWriter implements Processor {
  /** A request that is longer is sent at once, however few events it has. */
  private static final int MOST_BYTES = 4 << 20;

  private final Webhook webhook;
  private final Insisting insisting;
  private final EventJson json = new EventJson();
  private final ByteArrayOutputStream body = new ByteArrayOutputStream(1024);
  private final List<LogEvent> events = new ArrayList<>();
  private Emitter out;

  WebhookWriter(Webhook webhook, StageContext context) {
    this.webhook = webhook;
    insisting = new Insisting(context, webhook.toString(), webhook.patience, Webhook::isFinal);
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
    byte[] whole = Arrays.copyOf(body.toByteArray(), body.size() + (webhook.atMost > 1 ? 1 : 0));
    if (webhook.atMost > 1) {
      whole[whole.length - 1] = ']';
    }
    try {
      insisting.on(() -> webhook.post(whole, Map.of()));
      events.forEach(out::absorb);
    } catch (Insisting.GivenUp e) {
      throw e; // the next call goes on with them
    } catch (IOException e) {
      boolean refused = Webhook.isFinal(e);
      events.forEach(event -> out.fail(event, refused ? "refused" : "not delivered", refused ? e.getMessage() : e.toString()));
    }
    events.clear();
    body.reset();
  }
}
