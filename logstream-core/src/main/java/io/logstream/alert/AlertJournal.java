package io.logstream.alert;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * A file in which everything that alerts tell is written down before anybody is told: one JSON object a line, with {@code id number name severity state key
 * at since reason more fields message}. An alert is written when it is decided, on the trunk, without waiting for the disk; with every checkpoint the
 * file is forced. Each (id, number) stands in it once, also when a restart decides it again. What a notifier could not deliver is still there.
 *
 * <p>Opened by {@link #in}, closed by whoever opened it; several alerts and runs may share it. Any thread.
 */
public final class AlertJournal implements Closeable {
  private static final JsonFactory JSON = new JsonFactory();

  private static final int REMEMBERED = 200_000;

  private final Path path;
  private final FileChannel channel;
  /** What was written last: as many as can be decided again after a crash, and more. */
  private final Set<String> written = new LinkedHashSet<>();
  private boolean unforced;

  private AlertJournal(Path path) throws IOException {
    this.path = path;
    if (Files.exists(path)) {
      for (Entry entry : read(path)) {
        remember(entry.id + "/" + entry.number);
      }
    } else if (path.toAbsolutePath().getParent() != null) {
      Files.createDirectories(path.toAbsolutePath().getParent());
    }
    channel = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.READ);
    long end = endOfLastLine(channel);
    channel.truncate(end);
    channel.position(end);
  }

  /**
   * A line of a journal.
   *
   * @param key the values of the alert's key by field
   */
  public record Entry(String id, int number, String name, Severity severity, FiredAlert.State state, Map<String, String> key, Instant at, Instant since, String reason) {}

  /**
   * Opens the journal in this file, which is made if missing. A line that a crash has cut off is taken away.
   *
   * @throws UncheckedIOException if it cannot be read or written
   */
  public static AlertJournal in(Path file) {
    Objects.requireNonNull(file, "file of AlertJournal.in");
    try {
      return new AlertJournal(file);
    } catch (IOException e) {
      throw new UncheckedIOException("alert journal " + file + " cannot be opened: " + e.getMessage(), e);
    }
  }

  private static long endOfLastLine(FileChannel channel) throws IOException {
    ByteBuffer one = ByteBuffer.allocate(1);
    for (long at = channel.size(); at > 0; at--) {
      one.clear();
      channel.read(one, at - 1);
      if (one.get(0) == '\n') {
        return at;
      }
    }
    return 0;
  }

  /**
   * What stands in a journal, in order; a last line that is not whole is left out.
   *
   * @throws IOException if it cannot be read, or is no journal
   */
  public static List<Entry> read(Path file) throws IOException {
    Objects.requireNonNull(file, "file of AlertJournal.read");
    List<Entry> entries = new ArrayList<>();
    String all = Files.readString(file, StandardCharsets.UTF_8);
    int from = 0;
    for (int end = all.indexOf('\n'); end >= 0; from = end + 1, end = all.indexOf('\n', from)) {
      entries.add(entry(all.substring(from, end)));
    }
    return entries;
  }

  private static Entry entry(String line) throws IOException {
    Map<String, String> texts = new LinkedHashMap<>();
    Map<String, String> key = new LinkedHashMap<>();
    try (JsonParser json = JSON.createParser(line)) {
      json.nextToken();
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String field = json.currentName();
        JsonToken value = json.nextToken();
        if (field.equals("key")) {
          while (json.nextToken() == JsonToken.FIELD_NAME) {
            String of = json.currentName();
            json.nextToken();
            key.put(of, json.getText());
          }
        } else if (value.isScalarValue()) {
          texts.put(field, json.getText());
        } else {
          json.skipChildren();
        }
      }
    }
    if (!texts.keySet().containsAll(Set.of("id", "number", "name", "severity", "state", "at", "since"))) {
      throw new IOException("this is no line of an alert journal: " + line.substring(0, Math.min(100, line.length())));
    }
    return new Entry(texts.get("id"), Integer.parseInt(texts.get("number")), texts.get("name"), Severity.valueOf(texts.get("severity").toUpperCase(Locale.ROOT)),
        FiredAlert.State.valueOf(texts.get("state").toUpperCase(Locale.ROOT)), key, Instant.parse(texts.get("at")), Instant.parse(texts.get("since")), texts.getOrDefault("reason", ""));
  }

  private boolean remember(String transition) {
    boolean fresh = written.add(transition);
    if (written.size() > REMEMBERED) {
      Iterator<String> oldest = written.iterator();
      oldest.next();
      oldest.remove();
    }
    return fresh;
  }

  /** Writes down what is about to be told, unless it stands there already. */
  synchronized void append(FiredAlert alert) throws IOException {
    if (!remember(alert.id() + "/" + alert.number())) {
      return;
    }
    byte[] line = AlertJson.of(alert);
    ByteBuffer bytes = ByteBuffer.allocate(line.length + 1).put(line).put((byte) '\n').flip();
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
    unforced = true;
  }

  /** Makes sure that what was written outlives the machine. */
  synchronized void force() throws IOException {
    if (unforced) {
      channel.force(false);
      unforced = false;
    }
  }

  /** Closes the file. */
  @Override
  public synchronized void close() throws IOException {
    channel.close();
  }

  @Override
  public String toString() {
    return "alert journal " + path;
  }
}
