package io.logstream;

import java.nio.file.Path;
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
    Set<Path> whole = files.stream().map(FileUse::whole).collect(Collectors.toCollection(LinkedHashSet::new));
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

  /** These files and those. */
  public FileUse and(FileUse other) {
    Objects.requireNonNull(other, "other of FileUse.and");
    return new FileUse(Stream.concat(named.stream(), other.named.stream()).collect(Collectors.toCollection(LinkedHashSet::new)), Stream.concat(rules.stream(), other.rules.stream()).toList());
  }

  private static Path whole(Path file) {
    return Objects.requireNonNull(file, "file of FileUse").toAbsolutePath().normalize();
  }

  private boolean includes(Path file) {
    return named.contains(file) || rules.stream().anyMatch(rule -> rule.includes.test(file));
  }

  /** A file of both, or the text of a rule that both have; null if they have none in common, as far as can be told. */
  String inCommon(FileUse other) {
    return Stream.concat(named.stream().filter(other::includes), other.named.stream().filter(this::includes)).map(Path::toString).findFirst()
        .orElseGet(() -> rules.stream().map(Rule::text).filter(text -> other.rules.stream().anyMatch(rule -> rule.text.equals(text))).findFirst().orElse(null));
  }

  @Override
  public String toString() {
    return Stream.concat(named.stream().map(Path::toString), rules.stream().map(Rule::text)).collect(Collectors.joining(", "));
  }
}
