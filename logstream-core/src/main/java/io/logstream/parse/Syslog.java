package io.logstream.parse;

import io.logstream.Emitter;
import io.logstream.FieldKey;
import io.logstream.FieldUse;
import io.logstream.LogEvent;
import io.logstream.Processor;
import io.logstream.Span;
import io.logstream.Stage;
import io.logstream.StageContext;
import java.nio.charset.StandardCharsets;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;

/**
 * A stage that reads a syslog message, as it comes over a network or stands in {@code /var/log}; framing is the source's business.
 *
 * <p>It gives {@code priority}, {@code facility} and {@code severity} as numbers, where the message has them; {@code timestamp}, in milliseconds
 * since 1970; {@code host}, {@code app}, {@code procid} and {@code msgid} as text; the structured data of RFC 5424 as
 * {@code sd.<id>.<parameter>}; and makes the rest the message. What the message has no value for gives no field; {@code host} is that of the
 * sender then, if any. {@code EventTime.from("timestamp", "UNIX_MS")} makes the timestamp the event's time.
 *
 * <p>In RFC 3164 the priority may be missing, as in files; the time may also be one of ISO 8601. A time without a year is taken from the
 * latest year in which it is not more than a day after the event was read, one without a zone is in UTC unless {@link #in} says
 * otherwise. Where no {@code app:} or {@code app[procid]:} follows the host, all that follows it is the message.
 *
 * <p>What does not have this form fails with {@code not syslog}; the detail says what was wanted and at which byte. Such an event gets none of
 * the fields. Stateless, immutable.
 */
public final class Syslog implements Stage {
  private enum Form { RFC3164, RFC5424, ANY }

  private final Form form;
  private final ZoneId zone;
  private final String from;

  private Syslog(Form form, ZoneId zone, String from) {
    this.form = form;
    this.zone = zone;
    this.from = from;
  }

  /** The old form, {@code <34>Oct 11 22:14:15 host app[123]: text}. */
  public static Syslog rfc3164() {
    return new Syslog(Form.RFC3164, ZoneOffset.UTC, LogEvent.MESSAGE);
  }

  /** The new form, {@code <34>1 2003-10-11T22:14:15.003Z host app 123 ID47 [id name="value"] text}. */
  public static Syslog rfc5424() {
    return new Syslog(Form.RFC5424, ZoneOffset.UTC, LogEvent.MESSAGE);
  }

  /** Each message in its form: the new one has a version behind the priority. */
  public static Syslog any() {
    return new Syslog(Form.ANY, ZoneOffset.UTC, LogEvent.MESSAGE);
  }

  /** The zone of times that tell none; UTC unless said. */
  public Syslog in(ZoneId ofTimesWithout) {
    return new Syslog(form, Objects.requireNonNull(ofTimesWithout, "zone"), from);
  }

  /** Reads this field instead of the message. An event without it fails with {@code no field}. */
  public Syslog from(String field) {
    return new Syslog(form, zone, Objects.requireNonNull(field, "field"));
  }

  @Override
  public FieldUse fieldUse() {
    FieldUse use = FieldUse.reading(from).yields("priority", FieldUse.Type.WHOLE).yields("facility", FieldUse.Type.WHOLE).yields("severity", FieldUse.Type.WHOLE)
        .yields("timestamp", FieldUse.Type.WHOLE).yields("host", FieldUse.Type.TEXT).yields("app", FieldUse.Type.TEXT).yields("procid", FieldUse.Type.TEXT);
    return form == Form.RFC3164 ? use : use.yields("msgid", FieldUse.Type.TEXT).yieldsUnder("sd.");
  }

  @Override
  public boolean stateless() {
    return true;
  }

  @Override
  public Processor open(StageContext context) {
    return new Reading(this, context);
  }

  @Override
  public String toString() {
    return form.name().toLowerCase(Locale.ROOT);
  }

  private static final class Reading implements Processor {
    private static final String CAUSE = "not syslog";
    private static final byte[] BOM = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};
    private static final int MOST_PARAMETERS = 1_000;
    private static final long NO_SPAN = Span.NONE;
    private static final int BAD = -1;

    private final Form form;
    private final TextField text;
    private final FieldKey priorityKey;
    private final FieldKey facilityKey;
    private final FieldKey severityKey;
    private final FieldKey timestampKey;
    private final FieldKey messageKey;
    private final FieldKey[] wordKeys;
    private final SyslogTime oldTime;
    private final IsoTime isoTime;
    private final FoundFields data;

    // what was found in the message under way
    private byte[] b;
    private int end;
    private int priority;
    private long time;
    /** Host, app, procid, msgid. */
    private final long[] words = new long[4];
    private String wanted;
    private int wantedAt;

    Reading(Syslog syslog, StageContext context) {
      form = syslog.form;
      text = new TextField(context, syslog.from);
      data = new FoundFields(context, "sd", true, MOST_PARAMETERS);
      priorityKey = context.key("priority");
      facilityKey = context.key("facility");
      severityKey = context.key("severity");
      timestampKey = context.key("timestamp");
      messageKey = context.key(LogEvent.MESSAGE);
      wordKeys = new FieldKey[] {context.key("host"), context.key("app"), context.key("procid"), context.key("msgid")};
      oldTime = new SyslogTime(syslog.zone);
      isoTime = new IsoTime(syslog.zone);
    }

    @Override
    public void process(LogEvent event, Emitter out) {
      if (!text.read(event)) {
        out.fail(event, text.missing);
        return;
      }
      b = text.bytes;
      end = text.to;
      priority = -1;
      time = TimeFormat.NONE;
      Arrays.fill(words, NO_SPAN);
      data.begin();
      int at = priority(text.from);
      if (at >= 0) {
        boolean versioned = at > text.from && end - at >= 2 && b[at] == '1' && b[at + 1] == ' ';
        if (form == Form.RFC5424 && !versioned) {
          at = want(at, at == text.from ? "a priority, as in <34>," : "version 1 and a blank");
        } else {
          at = versioned && form != Form.RFC3164 ? newForm(at + 2, event.epochMillis()) : oldForm(at, event.epochMillis());
        }
      }
      if (at < 0) {
        out.fail(event, CAUSE, "wanted " + wanted + " at byte " + (wantedAt - text.from) + ", found '"
            + new String(b, wantedAt, Math.min(20, end - wantedAt), StandardCharsets.UTF_8) + "'");
        return;
      }
      put(event, at);
      out.emit(event);
    }

    private int want(int at, String what) {
      wanted = what;
      wantedAt = at;
      return BAD;
    }

    /** Reads {@code <34>}, if it is there. */
    private int priority(int from) {
      if (from == end || b[from] != '<') {
        return from;
      }
      int at = from + 1;
      int value = 0;
      while (at < end && Bytes.isDigit(b[at]) && at <= from + 3) {
        value = value * 10 + b[at++] - '0';
      }
      if (at == from + 1 || at == end || b[at] != '>' || value > 191) {
        return want(from, "a priority from <0> to <191>");
      }
      priority = value;
      return at + 1;
    }

    // ---------------------------------------------------------------- RFC 5424

    private int newForm(int from, long readAt) {
      int to = wordEnd(from);
      if (to - from != 1 || b[from] != '-') {
        time = isoTime.read(b, from, to, readAt);
        if (time == TimeFormat.NONE) {
          return want(from, "a time of ISO 8601, or -,");
        }
      }
      int at = to;
      for (int w = 0; w < words.length; w++) {
        if (at == end || b[at] != ' ') {
          return want(at, "a blank and the " + wordKeys[w]);
        }
        int begin = at + 1;
        at = wordEnd(begin);
        if (at == begin) {
          return want(at, "the " + wordKeys[w] + ", or -,");
        }
        if (at - begin > 1 || b[begin] != '-') {
          words[w] = Span.of(begin, at);
        }
      }
      if (at == end || b[at] != ' ') {
        return want(at, "a blank and structured data, or -,");
      }
      at = structuredData(at + 1);
      if (at < 0 || at == end) {
        return at;
      }
      if (b[at] != ' ') {
        return want(at, "a blank");
      }
      at++;
      return end - at >= BOM.length && Bytes.standsAt(b, at, BOM) ? at + BOM.length : at;
    }

    private int wordEnd(int from) {
      int at = Bytes.find(b, from, end, (byte) ' ');
      return at < 0 ? end : at;
    }

    private int structuredData(int from) {
      if (from < end && b[from] == '-') {
        return from + 1;
      }
      int at = from;
      if (at == end || b[at] != '[') {
        return want(at, "structured data, or -,");
      }
      while (at >= 0 && at < end && b[at] == '[') {
        at = element(at + 1);
      }
      return at;
    }

    private int element(int from) {
      int at = nameEnd(from);
      if (at == from) {
        return want(at, "the id of structured data");
      }
      FieldNames.Name id = data.names.under(data.names.root(), b, from, at);
      while (at < end && b[at] == ' ') {
        int begin = at + 1;
        at = nameEnd(begin);
        if (at == begin || end - at < 2 || b[at] != '=' || b[at + 1] != '"') {
          return want(begin, "a parameter, as in name=\"value\",");
        }
        if (data.isFull()) {
          return want(begin, "not more than " + MOST_PARAMETERS + " parameters");
        }
        at = value(data.names.under(id, b, begin, at), at + 2);
        if (at < 0) {
          return BAD;
        }
      }
      return at < end && b[at] == ']' ? at + 1 : want(at, "']'");
    }

    private int nameEnd(int from) {
      int at = from;
      while (at < end && b[at] > ' ' && b[at] != '=' && b[at] != ']' && b[at] != '"') {
        at++;
      }
      return at;
    }

    private int value(FieldNames.Name name, int from) {
      int since = data.written();
      int done = from;
      boolean escaped = false;
      for (int at = from; at < end; at++) {
        if (b[at] == '"') {
          if (escaped) {
            data.write(b, done, at);
            data.ownText(name, since, b);
          } else {
            data.text(name, from, at, b);
          }
          return at + 1;
        }
        if (b[at] == '\\' && at + 1 < end && (b[at + 1] == '"' || b[at + 1] == '\\' || b[at + 1] == ']')) {
          data.write(b, done, at);
          escaped = true;
          done = ++at;
        }
      }
      return want(from, "a value that ends in a quote");
    }

    // ---------------------------------------------------------------- RFC 3164

    private int oldForm(int from, long readAt) {
      int at = from + SyslogTime.LENGTH;
      if (from < end && Bytes.isDigit(b[from])) {
        at = wordEnd(from);
        time = isoTime.read(b, from, at, readAt);
      } else if (at <= end) {
        time = oldTime.read(b, from, at, readAt);
      }
      if (time == TimeFormat.NONE) {
        return want(from, "a time, as in Oct 11 22:14:15,");
      }
      if (at == end || b[at] != ' ') {
        return want(at, "a blank and the host");
      }
      int host = at + 1;
      at = wordEnd(host);
      if (at == host) {
        return want(host, "the host");
      }
      words[0] = Span.of(host, at);
      return at == end ? at : tag(at + 1);
    }

    /** Reads {@code app:} or {@code app[procid]:}, if it is there. */
    private int tag(int from) {
      int at = from;
      while (at < end && b[at] > ' ' && b[at] != ':' && b[at] != '[') {
        at++;
      }
      int appEnd = at;
      long procid = NO_SPAN;
      if (at < end && b[at] == '[') {
        int close = Bytes.find(b, at, end, (byte) ']');
        if (close < 0) {
          return from;
        }
        procid = Span.of(at + 1, close);
        at = close + 1;
      }
      if (appEnd == from || at == end || b[at] != ':') {
        return from;
      }
      words[1] = Span.of(from, appEnd);
      words[2] = Span.length(procid) == 0 ? NO_SPAN : procid;
      at++;
      return at < end && b[at] == ' ' ? at + 1 : at;
    }

    // ---------------------------------------------------------------- putting

    private void put(LogEvent event, int rest) {
      if (priority >= 0) {
        event.put(priorityKey, (long) priority).put(facilityKey, (long) (priority >> 3)).put(severityKey, (long) (priority & 7));
      }
      if (time != TimeFormat.NONE) {
        event.put(timestampKey, time);
      }
      for (int w = 0; w < words.length; w++) {
        if (words[w] != NO_SPAN) {
          text.put(event, wordKeys[w], Span.from(words[w]), Span.to(words[w]));
        }
      }
      data.put(event, text);
      data.shrink();
      text.put(event, messageKey, rest, end);
    }
  }
}
