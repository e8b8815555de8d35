package io.logstream.alert;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * A directory of files with rules, one a line; blank lines and those that begin with {@code #} do not count.
 *
 * @param notifiers the names that rules may tell
 * @param taken names of rules that stand elsewhere
 */
record RuleFiles(Path directory, Duration every, Set<String> notifiers, Set<String> taken) {
  private static final long MOST_BYTES = 16 << 20;

  /** The rules that are there now. @throws IllegalArgumentException if one is wrong */
  List<Rule> opened() {
    Reading reading = reading(rule -> { });
    List<Rule> rules = reading.changed();
    if (!reading.problems().isEmpty()) {
      throw new IllegalArgumentException(String.join("\n", reading.problems()));
    }
    return rules == null ? List.of() : rules;
  }

  /**
   * Reads them, again and again.
   *
   * @param check throws an {@link IllegalArgumentException} for a rule that cannot work in its place
   */
  Reading reading(Consumer<Rule> check) {
    return new Reading(check);
  }

  /** What has been read so far. One thread at a time. */
  final class Reading {
    private final Consumer<Rule> check;
    private final Map<String, String> stamps = new TreeMap<>();
    private final Map<String, List<Rule>> rules = new TreeMap<>();
    private final List<String> problems = new ArrayList<>();
    private long diskNanos;

    private Reading(Consumer<Rule> check) {
      this.check = check;
    }

    /** Looks at the files. */
    RuleLook.Seen look() {
      try {
        List<Rule> all = changed();
        return new RuleLook.Seen(all, List.copyOf(problems), null, diskNanos);
      } catch (UncheckedIOException e) {
        return new RuleLook.Seen(null, List.of(), e, diskNanos);
      }
    }

    /** What is wrong with files that were read last. */
    List<String> problems() {
      return problems;
    }

    /**
     * All rules, if any file has changed since the last call, else null. A file in which anything is wrong keeps the rules that it had.
     *
     * @throws UncheckedIOException if the directory cannot be read
     */
    List<Rule> changed() {
      problems.clear();
      long start = System.nanoTime();
      Map<String, Path> files = new TreeMap<>();
      Map<String, String> now = new TreeMap<>();
      try (DirectoryStream<Path> all = Files.newDirectoryStream(directory)) {
        for (Path path : all) {
          String name = path.getFileName().toString();
          if (!name.startsWith(".") && !name.endsWith("~") && !name.endsWith(".tmp") && !name.endsWith(".swp")) {
            BasicFileAttributes about = Files.readAttributes(path, BasicFileAttributes.class);
            if (about.isRegularFile()) {
              files.put(name, path);
              now.put(name, about.lastModifiedTime() + " " + about.size() + " " + about.fileKey());
            }
          }
        }
      } catch (NoSuchFileException e) {
        if (!Files.isDirectory(directory)) {
          throw new UncheckedIOException("rules directory " + directory + " is not there", e);
        }
        return null; // a file went away while it was listed: the next look sees it
      } catch (IOException e) {
        throw new UncheckedIOException("rules directory " + directory + " cannot be read: " + e.getMessage(), e);
      }
      diskNanos = System.nanoTime() - start;
      if (now.equals(stamps)) {
        return null;
      }
      Map<String, String> before = new HashMap<>(stamps);
      stamps.clear();
      stamps.putAll(now);
      Map<String, List<Rule>> read = new TreeMap<>();
      files.forEach((name, path) -> {
        List<Rule> had = rules.get(name);
        if (had != null && now.get(name).equals(before.get(name))) {
          read.put(name, had);
          return;
        }
        List<Rule> fresh = read(path);
        if (fresh != null || had != null) {
          read.put(name, fresh != null ? fresh : had);
        }
      });
      refuseTakenNames(read);
      rules.clear();
      rules.putAll(read);
      return rules.values().stream().flatMap(List::stream).toList();
    }

    /** Of two files with a rule of the same name the one stays that had it before, else the first one. */
    private void refuseTakenNames(Map<String, List<Rule>> read) {
      Map<String, String> fileOf = new HashMap<>();
      taken.forEach(name -> fileOf.put(name, "the pipeline"));
      List<String> order = new ArrayList<>(read.keySet());
      order.sort((a, b) -> Boolean.compare(rules.get(b) == read.get(b) && rules.containsKey(b), rules.get(a) == read.get(a) && rules.containsKey(a)));
      for (String file : order) {
        List<Rule> own = read.get(file);
        String clash = own.stream().map(Rule::name).filter(fileOf::containsKey).findFirst().orElse(null);
        if (clash != null) {
          problems.add("rules file " + directory.resolve(file) + " is refused: alert '" + clash + "' stands in " + fileOf.get(clash) + " already");
          own = rules.getOrDefault(file, List.of()).stream().filter(rule -> !fileOf.containsKey(rule.name())).toList();
          read.put(file, own);
        }
        own.forEach(rule -> fileOf.put(rule.name(), directory.resolve(file).toString()));
      }
    }

    private List<Rule> read(Path path) {
      List<Rule> own = new ArrayList<>();
      Set<String> names = new HashSet<>();
      int number = 0;
      try {
        if (Files.size(path) > MOST_BYTES) {
          throw new IllegalArgumentException("it has more than " + MOST_BYTES + " bytes");
        }
        long start = System.nanoTime();
        List<String> lines = Files.readAllLines(path);
        diskNanos += System.nanoTime() - start;
        for (String line : lines) {
          number++;
          if (!line.isBlank() && line.strip().charAt(0) != '#') {
            Rule rule = Alert.parse(line.strip()).rule();
            for (String to : rule.to()) {
              if (!notifiers.contains(to)) {
                throw new IllegalArgumentException("alert '" + rule.name() + "' tells '" + to + "', which is no notifier; there are " + notifiers);
              }
            }
            if (!names.add(rule.name())) {
              throw new IllegalArgumentException("alert '" + rule.name() + "' stands here twice");
            }
            check.accept(rule);
            own.add(rule);
          }
        }
        return own;
      } catch (IllegalArgumentException | IOException e) {
        String why = e instanceof IOException ? "it cannot be read: " + e : e.getMessage();
        problems.add("rules file " + path + " is refused" + (number == 0 ? "" : ", line " + number) + ":" + (why.indexOf('\n') < 0 ? " " : "\n") + why);
        return null;
      }
    }
  }

  @Override
  public String toString() {
    return "rules in " + directory;
  }
}
