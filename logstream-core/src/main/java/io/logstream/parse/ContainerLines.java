package io.logstream.parse;

import io.logstream.Emitter;
import io.logstream.FieldKey;
import io.logstream.FieldUse;
import io.logstream.Joiner;
import io.logstream.JoinerContext;
import io.logstream.LineJoiner;
import io.logstream.LogEvent;
import io.logstream.Processor;
import io.logstream.StageContext;
import io.logstream.State;
import io.logstream.TooLong;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Objects;

/**
 * A stage that takes the wrapping off the lines that a container runtime wrote, and joins the pieces into which it cut long ones. It stands
 * before {@link Multiline}, if there is one, which then keeps the streams apart.
 *
 * <p>Two formats are known, and each line is looked at by itself, since files change from one to the other:
 *
 * <pre>
 * 2026-01-01T00:00:00.123456789Z stdout F the text           CRI (containerd, CRI-O); P instead of F: more follows
 * {"log":"the text\n","stream":"stdout","time":"2026-.."}   Docker's json-file; no \n at the end: more follows
 * </pre>
 *
 * <p>The message becomes the text, without its line's end; {@code stream} and {@code container.time} are put as fields, the time is the event's
 * until a better one comes, {@code container.format} is {@code cri} or {@code docker}, and {@code container.partial} is true where pieces were
 * joined. A record has the fields and the position of its first piece. A line in no known format passes as it is; what its log has left
 * unfinished comes out before it. Pieces that wait for their last one come out after 1 s with nothing to read, unless said. Immutable.
 */
public final class ContainerLines implements Joiner {
  private static final int CRI = 1;
  private static final int DOCKER = 2;

  private final int formats;
  private final Duration timeout;
  private final int maxBytes;
  private final TooLong tooLong;

  private ContainerLines(int formats, Duration timeout, int maxBytes, TooLong tooLong) {
    this.formats = formats;
    this.timeout = timeout;
    this.maxBytes = maxBytes;
    this.tooLong = tooLong;
  }

  private static ContainerLines of(int formats) {
    return new ContainerLines(formats, Duration.ofSeconds(1), 1 << 20, TooLong.SPLIT);
  }

  /** Lines of either format. */
  public static ContainerLines any() {
    return of(CRI | DOCKER);
  }

  /** Lines of containerd and CRI-O only. */
  public static ContainerLines cri() {
    return of(CRI);
  }

  /** Lines of Docker's json-file only. */
  public static ContainerLines docker() {
    return of(DOCKER);
  }

  /** How long pieces wait for the next one while there is nothing to read; 1 s unless said. */
  public ContainerLines timeout(Duration silence) {
    return new ContainerLines(formats, Given.timeout(silence), maxBytes, tooLong);
  }

  /** How many bytes a joined line may have; 1 MiB unless said. */
  public ContainerLines maxBytes(int most) {
    if (most <= 0) {
      throw new IllegalArgumentException("maxBytes must be positive, was " + most);
    }
    return new ContainerLines(formats, timeout, most, tooLong);
  }

  /** What becomes of a line that would have more; {@link TooLong#SPLIT} unless said. */
  public ContainerLines tooLong(TooLong what) {
    return new ContainerLines(formats, timeout, maxBytes, Objects.requireNonNull(what, "tooLong"));
  }

  @Override
  public FieldUse fieldUse() {
    return FieldUse.none().yields("stream", FieldUse.Type.TEXT).yields("container.time", FieldUse.Type.TEXT)
        .yields("container.format", FieldUse.Type.TEXT).yields("container.partial", FieldUse.Type.TRUTH);
  }

  @Override
  public Processor open(StageContext context) {
    return new Unwrapping(formats, Joiner.super.open(context), context);
  }

  @Override
  public LineJoiner openJoiner(JoinerContext context) {
    return new LineJoiner() {
      @Override
      public Does next(byte[] bytes, int from, int to, boolean open) {
        return Does.SEPARATES;
      }

      @Override
      public Does next(LogEvent event, boolean open) {
        if (!event.has("container.format")) {
          return Does.SEPARATES;
        }
        return Boolean.TRUE.equals(event.value("container.partial")) ? Does.CONTINUES : Does.ENDS;
      }
    };
  }

  @Override
  public boolean hoists() {
    return false;
  }

  @Override
  public List<String> by() {
    return List.of("container.format");
  }

  @Override
  public String joint() {
    return "";
  }

  @Override
  public Duration timeout() {
    return timeout;
  }

  @Override
  public int maxBytes() {
    return maxBytes;
  }

  @Override
  public int maxLines() {
    return Integer.MAX_VALUE;
  }

  @Override
  public TooLong tooLong() {
    return tooLong;
  }

  @Override
  public String toString() {
    return formats == CRI ? "cri" : formats == DOCKER ? "docker" : "any";
  }

  /** Takes the wrapping off, and leaves the joining to another. */
  private static final class Unwrapping implements Processor {
    private final int formats;
    private final Processor joining;
    private final FieldKey message;
    private final FieldKey stream;
    private final FieldKey time;
    private final FieldKey format;
    private final FieldKey partial;
    private final DockerLine docker = new DockerLine();
    private final IsoTime iso = new IsoTime(ZoneOffset.UTC);

    Unwrapping(int formats, Processor joining, StageContext context) {
      this.formats = formats;
      this.joining = joining;
      this.message = context.key(LogEvent.MESSAGE);
      this.stream = context.key("stream");
      this.time = context.key("container.time");
      this.format = context.key("container.format");
      this.partial = context.key("container.partial");
    }

    @Override
    public void process(LogEvent event, Emitter out) throws Exception {
      int from = event.from();
      int to = event.to();
      if (from < to) {
        byte first = event.bytes()[from];
        if (first == '{') {
          if ((formats & DOCKER) != 0 && docker.read(event.bytes(), from, to)) {
            docker(event);
          }
        } else if ((formats & CRI) != 0 && first >= '0' && first <= '9') {
          cri(event, from, to);
        }
      }
      joining.process(event, out);
    }

    private void cri(LogEvent event, int from, int to) {
      byte[] b = event.bytes();
      int time1 = blank(b, from, to);
      if (time1 - from < 20 || b[from + 10] != 'T' || to - time1 < 9 || b[time1 + 7] != ' ' || b[time1 + 1] != 's' || b[time1 + 2] != 't' || b[time1 + 3] != 'd'
          || !(b[time1 + 4] == 'o' && b[time1 + 5] == 'u' && b[time1 + 6] == 't' || b[time1 + 4] == 'e' && b[time1 + 5] == 'r' && b[time1 + 6] == 'r')) {
        return;
      }
      int tag = time1 + 8;
      int text = blank(b, tag, to);
      boolean goesOn = b[tag] == 'P';
      if (!goesOn && b[tag] != 'F' || text > tag + 1 && b[tag + 1] != ':') {
        return;
      }
      event.put(stream, time1 + 1, time1 + 7).put(time, from, time1);
      timed(event, from, time1);
      event.put(message, Math.min(text + 1, to), to);
      mark(event, "cri", goesOn);
    }

    private static int blank(byte[] b, int from, int to) {
      int i = from;
      while (i < to && b[i] != ' ') {
        i++;
      }
      return i;
    }

    private void docker(LogEvent event) {
      if (docker.streamFrom >= 0) {
        event.put(stream, docker.streamFrom, docker.streamTo);
      }
      if (docker.timeFrom >= 0) {
        event.put(time, docker.timeFrom, docker.timeTo);
        timed(event, docker.timeFrom, docker.timeTo);
      }
      if (docker.text == event.bytes()) {
        event.put(message, docker.textFrom, docker.textTo);
      } else {
        event.message(docker.text, docker.textFrom, docker.textTo);
      }
      mark(event, "docker", !docker.ended);
    }

    private void mark(LogEvent event, String of, boolean goesOn) {
      event.put(format, of);
      if (goesOn) {
        event.put(partial, true);
      }
    }

    private void timed(LogEvent event, int from, int to) {
      long millis = iso.read(event.bytes(), from, to, event.epochMillis());
      if (millis != WrittenTime.NONE) {
        event.epochMillis(millis);
      }
    }

    @Override
    public void onTimer(Instant deadline, Emitter out) throws Exception {
      joining.onTimer(deadline, out);
    }

    @Override
    public void onClock(Instant deadline, Emitter out) throws Exception {
      joining.onClock(deadline, out);
    }

    @Override
    public void onEnd(Emitter out) throws Exception {
      joining.onEnd(out);
    }

    @Override
    public void onStop(Emitter out) throws Exception {
      joining.onStop(out);
    }

    @Override
    public void save(State state) throws Exception {
      joining.save(state);
    }

    @Override
    public void restore(State state, Emitter out) throws Exception {
      joining.restore(state, out);
    }
  }
}
