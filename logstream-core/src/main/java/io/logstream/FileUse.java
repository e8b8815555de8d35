package io.logstream;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which files of this machine a source reads, or a sink writes. A pipeline is refused by {@code build()} where two sources read the same
 * file, so that each line would come twice, where two sinks write one, so that their lines would mix, and where a sink writes what a source
 * reads, so that the pipeline would feed itself. Files are compared by their absolute names; nothing is looked for on the disk.
 *
 * <p>Immutable.
 */
public final class FileUse {
  private static final FileUse NONE = new FileUse(Set.of(), List.of());

  /** Files by a rule, which is the same as another of the same text. */
  private record Rule(String text, Predicate<Path> includes) {}

  private final Set<Path> named;
  private final List<Rule> rules;

  private FileUse(Set<Path> named, List<Rule> rules) {
    this.named = named;
    this.rules = rules;
  }

  /** No files. */
  public static FileUse none() {
    return NONE;
  }

  /** These files. */
  public static FileUse of(Path... files) {
    Objects.requireNonNull(files, "files of FileUse.of");
    return of(Arrays.asList(files));
  }

  /** These files. */
  public static FileUse of(Collection<Path> files) {
    Objects.requireNonNull(files, "files of FileUse.of");
    Set<Path> whole = new LinkedHashSet<>();
    for (Path file : files) {
      whole.add(Objects.requireNonNull(file, "file of FileUse.of").toAbsolutePath().normalize());
    }
    return new FileUse(whole, List.of());
  }

  /**
   * Files that a rule names, there or not.
   *
   * @param text the rule for people, such as a directory and a glob; two of the same text name the same files
   * @param includes whether it names a file, given by its absolute path
   */
  public static FileUse matching(String text, Predicate<Path> includes) {
    return new FileUse(Set.of(), List.of(new Rule(Objects.requireNonNull(text, "text of FileUse.matching"), Objects.requireNonNull(includes, "rule of FileUse.matching"))));
  }

  boolean isNone() {
    return named.isEmpty() && rules.isEmpty();
  }

  /** These files and those. */
  public FileUse and(FileUse other) {
    Objects.requireNonNull(other, "other of FileUse.and");
    Set<Path> allNamed = new LinkedHashSet<>(named);
    allNamed.addAll(other.named);
    List<Rule> allRules = new ArrayList<>(rules);
    allRules.addAll(other.rules);
    return new FileUse(allNamed, allRules);
  }

  /** A file of both, or the text of a rule that both have; null if they have none in common, as far as can be told. */
  String inCommon(FileUse other) {
    Path file = named(other);
    if (file == null) {
      file = other.named(this);
    }
    return file == null ? ruleOf(other) : file.toString();
  }

  /** A file that is named here and is one of the others. */
  private Path named(FileUse other) {
    for (Path file : named) {
      if (other.includes(file)) {
        return file;
      }
    }
    return null;
  }

  private boolean includes(Path file) {
    if (named.contains(file)) {
      return true;
    }
    for (Rule rule : rules) {
      if (rule.includes.test(file)) {
        return true;
      }
    }
    return false;
  }

  private String ruleOf(FileUse other) {
    for (Rule rule : rules) {
      for (Rule another : other.rules) {
        if (rule.text.equals(another.text)) {
          return rule.text;
        }
      }
    }
    return null;
  }

  @Override
  public String toString() {
    return Stream.concat(named.stream().map(Path::toString), rules.stream().map(Rule::text)).collect(Collectors.joining(", "));
  }
}
