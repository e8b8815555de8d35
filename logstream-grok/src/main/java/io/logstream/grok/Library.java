package io.logstream.grok;

import io.krakens.grok.api.GrokCompiler;
import io.logstream.Nearest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** Definitions by name. Immutable; the later of two of one name counts. */
final class Library {
  private final Map<String, String> definitions;
  private final Map<String, Compiled> likely = new ConcurrentHashMap<>();

  private Library(Map<String, String> definitions) {
    this.definitions = Collections.unmodifiableMap(definitions);
  }

  /** Java Grok's own definitions, all files of them, and those that users miss there. */
  static Library builtIn() {
    return BuiltIn.LIBRARY;
  }

  private static final class BuiltIn {
    private static final List<String> FILES =
        List.of("patterns", "java", "linux-syslog", "firewalls", "haproxy", "nagios", "postfix", "ruby");
    static final Library LIBRARY = load();

    private static Library load() {
      Map<String, String> all = new TreeMap<>();
      for (String file : FILES) {
        readResource(GrokCompiler.class, "/patterns/" + file, all);
      }
      readResource(Library.class, "more-patterns", all);
      return new Library(all);
    }

    /** What Java Grok reads these lines for, without its regular expression for each of them. */
    private static void readResource(Class<?> beside, String name, Map<String, String> into) {
      try (InputStream in = beside.getResourceAsStream(name)) {
        if (in == null) {
          throw new IllegalStateException("the definitions of " + name + " are not on the class path of " + beside);
        }
        readLines(name, new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList(), into);
      } catch (IOException e) {
        throw new UncheckedIOException("the definitions of " + name + " could not be read", e);
      }
    }
  }

  /** The definition, or null. */
  String get(String name) {
    return definitions.get(name);
  }

  /** The definition at the beginning of a text, up to where a word ends. */
  Compiled likely(String name) {
    return likely.computeIfAbsent(name, n -> Compiled.of("\\A%{" + n + "}(?![A-Za-z0-9_])", this));
  }

  Library and(Map<String, String> more) {
    Map<String, String> all = new LinkedHashMap<>(definitions);
    all.putAll(more);
    return new Library(all);
  }

  /** The definitions in a file of them, or in all files that stand directly in a directory, in the order of their names. */
  static Map<String, String> read(Path dirOrFile) {
    Map<String, String> found = new LinkedHashMap<>();
    try {
      if (Files.isDirectory(dirOrFile)) {
        try (Stream<Path> files = Files.list(dirOrFile)) {
          List<Path> wanted = files.filter(Files::isRegularFile).filter(Library::isNoLeftover).sorted().toList();
          for (Path file : wanted) {
            readFile(file, found);
          }
        }
      } else {
        readFile(dirOrFile, found);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("pattern files could not be read from " + dirOrFile + ": " + e, e);
    }
    if (found.isEmpty()) {
      throw new IllegalArgumentException("no pattern definitions in " + dirOrFile + "; a definition is a line of a name, a blank and a pattern");
    }
    return found;
  }

  private static boolean isNoLeftover(Path file) {
    String name = file.getFileName().toString();
    return !name.startsWith(".") && !name.endsWith("~");
  }

  private static void readFile(Path file, Map<String, String> into) throws IOException {
    readLines(file.toString(), Files.readAllLines(file, StandardCharsets.UTF_8), into);
  }

  private static void readLines(String file, List<String> lines, Map<String, String> into) {
    int number = 0;
    for (String line : lines) {
      number++;
      String text = number == 1 && line.startsWith("\uFEFF") ? line.substring(1) : line;
      if (text.isBlank() || text.startsWith("#")) {
        continue;
      }
      int end = 0;
      while (end < text.length() && Translation.isNameChar(text.charAt(end))) {
        end++;
      }
      int begin = end;
      while (begin < text.length() && (text.charAt(begin) == ' ' || text.charAt(begin) == '\t')) {
        begin++;
      }
      if (end == 0 || begin == end || begin == text.length()) {
        throw new IllegalArgumentException(file + ", line " + number + ": a definition is a name, a blank and a pattern, was '" + Translation.shown(text, 60) + "'");
      }
      into.put(text.substring(0, end), text.substring(begin));
    }
  }

  /** How to go on after a name that is not defined, for the end of an error. */
  String insteadOf(String name) {
    List<String> near = Nearest.to(name, definitions.keySet());
    return near.isEmpty() ? "; add it with define(..) or patternsFrom(..)" : "; did you mean " + String.join(" or ", near) + "?";
  }

  Set<String> names() {
    return definitions.keySet();
  }

  int size() {
    return definitions.size();
  }

  /** Eight hexadecimal digits that change when any definition changes. */
  String hash() {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      new TreeMap<>(definitions).forEach((name, pattern) -> sha.update((name + ' ' + pattern + '\n').getBytes(StandardCharsets.UTF_8)));
      return HexFormat.of().formatHex(sha.digest(), 0, 4);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
