package io.logstream.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What others may use is written down in {@code config/api}, a file for each published module, so that a change of it shows in review. After a change that is meant:
 *
 * <pre>mvn -q test -Dtest=PublicApiTest -Dsurefire.failIfNoSpecifiedTests=false -Dapi.refresh=true</pre>
 */
class PublicApiTest {
  private static final ToolProvider JAVAP = ToolProvider.findFirst("javap").orElseThrow();
  private static final Pattern HIDDEN = Pattern.compile(".*[.$]\\d+|.*/package-info");
  private static final Pattern NAME = Pattern.compile("(?:class|interface) ([\\w.$]+)");
  private static final Pattern OF_EVERY_RECORD = Pattern.compile("public final (java\\.lang\\.String toString\\(\\)|int hashCode\\(\\)|boolean equals\\(java\\.lang\\.Object\\));");

  static List<Modules.Module> published() throws IOException {
    return Modules.published().stream().filter(module -> !module.isBom()).toList();
  }

  @ParameterizedTest @MethodSource("published")
  void isAsWrittenDown(Modules.Module module) throws IOException {
    Path file = Modules.ROOT.resolve("config/api/" + module.artifact() + ".txt");
    Path classes = module.folder().resolve("target/classes");
    assumeTrue(Files.isDirectory(classes), () -> module.artifact() + " is not part of this build");
    String api = api(classes);
    if (Boolean.getBoolean("api.refresh")) {
      Files.createDirectories(file.getParent());
      Files.writeString(file, api, StandardCharsets.UTF_8);
    }
    assertThat(api).as("what %s lets others use, beside %s; if that is meant, write it anew: see PublicApiTest", module.artifact(), file)
        .isEqualTo(Files.exists(file) ? Files.readString(file, StandardCharsets.UTF_8) : "");
  }

  /** Public types by name, and the public and protected members of each, in the words of the language. */
  private static String api(Path classes) throws IOException {
    List<String> files;
    try (Stream<Path> all = Files.walk(classes)) {
      files = all.map(Path::toString).filter(name -> name.endsWith(".class") && !HIDDEN.matcher(name.substring(0, name.length() - 6)).matches()).sorted().toList();
    }
    List<String> command = new ArrayList<>(List.of("-protected"));
    command.addAll(files);
    StringWriter out = new StringWriter();
    PrintWriter to = new PrintWriter(out);
    assertThat(JAVAP.run(to, to, command.toArray(String[]::new))).as(out.toString()).isZero();
    TreeMap<String, TreeSet<String>> types = new TreeMap<>();
    TreeSet<String> members = null;
    for (String line : out.toString().split("\\R")) {
      if (line.startsWith("public ") && line.endsWith("{")) {
        members = types.computeIfAbsent(line.substring(0, line.length() - 2), type -> new TreeSet<>());
      } else if (line.equals("}") || line.startsWith("Compiled from") || !line.startsWith("  ")) {
        members = line.equals("}") || line.endsWith("{") ? null : members;
      } else if (members != null && !OF_EVERY_RECORD.matcher(line.strip()).matches()) {
        members.add(line.stripTrailing());
      }
    }
    Set<String> names = types.keySet().stream().map(PublicApiTest::name).collect(Collectors.toSet());
    StringBuilder api = new StringBuilder();
    types.forEach((type, its) -> {
      if (isReachable(name(type), names)) {
        api.append(type).append('\n');
        its.forEach(member -> api.append(member).append('\n'));
      }
    });
    return api.toString();
  }

  private static String name(String type) {
    Matcher name = NAME.matcher(type);
    assertThat(name.find()).as(type).isTrue();
    return name.group(1);
  }

  /** A public type within one that is not public cannot be used. */
  private static boolean isReachable(String name, Set<String> names) {
    int within = name.lastIndexOf('$');
    return within < 0 || names.contains(name.substring(0, within)) && isReachable(name.substring(0, within), names);
  }
}
