package io.logstream.sink;

import io.logstream.FieldUse;
import io.logstream.Processor;
import io.logstream.Sink;
import io.logstream.StageContext;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;

/**
 * InfluxDB, versions 1 and 2, and whatever else takes its line protocol over HTTP. Each event becomes a point:
 *
 * <ul>
 *   <li>measurement: the pipeline's name, unless {@link #measurement} or {@link #measurementBy} says otherwise
 *   <li>tags: the keys of a window's row, unless {@link #tags} names fields; {@code overflow} of the row that holds all further keys. An absent one is left out. Tags are text, so 5 and "5" are the same; text that the protocol
 *       cannot carry, empty, with a line end or with a backslash at its end, is written in quotes as in JSON
 *   <li>fields: all other fields but {@code window.start}, {@code window.end}, {@code revision}, {@code closedBy}, {@code early}, {@code partial}; NaN, the infinities and lists are left out
 *   <li>time: the event's, in milliseconds
 * </ul>
 *
 * <p>A point with the measurement, tags and time of another takes its place there, so a row that is sent again, or revised, does not
 * count twice. Records of the same millisecond and tags would do the same: send rows, or give records a tag that tells them apart.
 *
 * <p>Points are sent when 5,000 have come together, when nothing more comes, and before every checkpoint. A point counts as absorbed
 * when the server has taken it. When the server cannot be reached, is overloaded, refuses the credentials or does not know the
 * database, sending is tried again, from 100 ms apart up to 30 s, until it works: the outbox fills up meanwhile. When it refuses a
 * request because of what is in it, the request is cut in half again and again, and only the points at fault fail, with {@code refused
 * by InfluxDB}. An event without any field fails with {@code no fields}, one without a destination with {@code no destination}. Blocks, so it has an outbox. Immutable.
 */
public final class Influx implements Sink {
  final URI uri;
  final String org;
  final String destination;
  final boolean destinationIsField;
  final boolean version2;
  final String authorization;
  final String measurement;
  final boolean measurementIsField;
  final List<String> tags;
  final int batch;
  final Duration patience;

  private Influx(URI uri, Words words) {
    this.uri = uri;
    this.org = words.org;
    this.destination = words.destination;
    this.destinationIsField = words.destinationIsField;
    this.version2 = words.version2;
    this.authorization = words.authorization;
    this.measurement = words.measurement;
    this.measurementIsField = words.measurementIsField;
    this.tags = words.tags;
    this.batch = words.batch;
    this.patience = words.patience;
  }

  /** What can be said of it. */
  private static final class Words {
    String org;
    String destination;
    boolean destinationIsField;
    boolean version2;
    String authorization;
    String measurement;
    boolean measurementIsField;
    List<String> tags;
    int batch = 5_000;
    Duration patience;
  }

  private Influx with(UnaryOperator<Words> change) {
    Words words = new Words();
    words.org = org;
    words.destination = destination;
    words.destinationIsField = destinationIsField;
    words.version2 = version2;
    words.authorization = authorization;
    words.measurement = measurement;
    words.measurementIsField = measurementIsField;
    words.tags = tags;
    words.batch = batch;
    words.patience = patience;
    return new Influx(uri, change.apply(words));
  }

  /**
   * A sink that sends to this server: {@code http://host:8086}, say {@link #database} or {@link #bucket} too. A path that ends in {@code /write} is
   * used as it is, with its query, for servers that need neither.
   */
  public static Influx to(URI server) {
    String scheme = Objects.requireNonNull(server, "server").getScheme();
    if (!"http".equals(scheme) && !"https".equals(scheme) || server.getHost() == null) {
      throw new IllegalArgumentException("Influx.to(..) takes an address such as http://localhost:8086, was " + server);
    }
    return new Influx(server, new Words());
  }

  /** The database of a server of version 1. */
  public Influx database(String name) {
    return destined(null, name, false, false);
  }

  /** The database is what this field of the event says; one request for each of them. */
  public Influx databaseBy(String field) {
    return destined(null, field, true, false);
  }

  /** The organisation and bucket of a server of version 2. */
  public Influx bucket(String organisation, String bucket) {
    return destined(Objects.requireNonNull(organisation, "organisation"), bucket, false, true);
  }

  /** The bucket is what this field of the event says; one request for each of them. */
  public Influx bucketBy(String organisation, String field) {
    return destined(Objects.requireNonNull(organisation, "organisation"), field, true, true);
  }

  private Influx destined(String organisation, String name, boolean isField, boolean ofVersion2) {
    Objects.requireNonNull(name, "destination");
    if (destination != null && version2 != ofVersion2) {
      throw new IllegalArgumentException("a server is of version 1, with database(..), or of version 2, with bucket(..): '" + destination + "' was said, and now '" + name + "'");
    }
    return with(w -> {
      w.org = organisation;
      w.destination = name;
      w.destinationIsField = isField;
      w.version2 = ofVersion2;
      return w;
    });
  }

  /** The token of a server of version 2. */
  public Influx token(String token) {
    if (Objects.requireNonNull(token, "token").isBlank() || token.chars().anyMatch(c -> c < ' ' || c > '~')) {
      throw new IllegalArgumentException("a token is letters, digits and signs of ASCII; this one has others, or none");
    }
    return authorized("Token " + token);
  }

  /** The user of a server of version 1. */
  public Influx user(String name, String password) {
    return authorized("Basic " + Base64.getEncoder().encodeToString((name + ":" + password).getBytes(StandardCharsets.UTF_8)));
  }

  private Influx authorized(String header) {
    return with(w -> {
      w.authorization = header;
      return w;
    });
  }

  /** The measurement of all points. */
  public Influx measurement(String name) {
    Objects.requireNonNull(name, "name of Influx.measurement");
    return measured(name, false);
  }

  /** The measurement is what this field of the event says; where it says nothing, the pipeline's name. */
  public Influx measurementBy(String field) {
    Objects.requireNonNull(field, "field of Influx.measurementBy");
    return measured(field, true);
  }

  private Influx measured(String name, boolean isField) {
    if (name.isEmpty()) {
      throw new IllegalArgumentException("a measurement needs a name");
    }
    return with(w -> {
      w.measurement = name;
      w.measurementIsField = isField;
      return w;
    });
  }

  /** The fields that become tags. */
  public Influx tags(String... fields) {
    Objects.requireNonNull(fields, "fields of Influx.tags");
    List<String> named = List.of(fields);
    return with(w -> {
      w.tags = named;
      return w;
    });
  }

  /** How many points go into one request at most; 5,000 unless said. */
  public Influx atMost(int pointsPerRequest) {
    if (pointsPerRequest < 1 || pointsPerRequest > 100_000) {
      throw new IllegalArgumentException("a request takes 1 to 100,000 points, was " + pointsPerRequest);
    }
    return with(w -> {
      w.batch = pointsPerRequest;
      return w;
    });
  }

  /** Points that could not be delivered for so long fail with {@code not delivered}; never unless said. */
  public Influx givingUpAfter(Duration time) {
    Objects.requireNonNull(time, "time of Influx.givingUpAfter");
    if (time.isNegative() || time.isZero()) {
      throw new IllegalArgumentException("givingUpAfter must be positive, was " + time);
    }
    return with(w -> {
      w.patience = time;
      return w;
    });
  }

  @Override
  public FieldUse fieldUse() {
    FieldUse use = tags == null ? FieldUse.none() : FieldUse.reading(tags.toArray(String[]::new));
    use = destinationIsField ? use.reads(destination) : use;
    return measurementIsField ? use.reads(measurement) : use;
  }

  @Override
  public boolean blocks() {
    return true;
  }

  @Override
  public Sink expanded() {
    if (destination == null && !uri.getPath().endsWith("/write")) {
      throw new IllegalArgumentException("Influx.to(" + uri + ") needs .database(name) for a server of version 1, or .bucket(organisation, name) for one of version 2");
    }
    return this;
  }

  @Override
  public Processor open(StageContext context) {
    return new InfluxWriter(this, context);
  }

  @Override
  public String toString() {
    return "to " + uri + (destination == null ? "" : destinationIsField ? " by " + destination : " " + destination);
  }
}
