package io.logstream.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What others may use says what it is: public types, and the public members of these that override nothing. Javadoc checks what is said there. */
class DocCommentsTest {
  private static final Pattern TYPE = Pattern.compile("public ((static|final|abstract|sealed|non-sealed) )*(class|interface|record|enum|@interface) .*");
  private static final Pattern INTERFACE = Pattern.compile("public ((sealed|non-sealed) )*@?interface .*");
  private static final Pattern MEMBER = Pattern.compile(" {0,2}(public|protected) .*");
  private static final Pattern OF_INTERFACE = Pattern.compile("  (default |static )?(<.+> )?[\\w.]+(<.+>)?(\\[])? \\w+\\(.*");

  @Test void standsBeforeEverythingThatIsPublic() throws IOException {
    List<String> without = new ArrayList<>();
    int types = 0;
    for (Modules.Module module : Modules.published()) {
      Path sources = module.folder().resolve("src/main/java");
      if (Files.exists(sources)) {
        try (Stream<Path> files = Files.walk(sources)) {
          for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
            types += look(file, without);
          }
        }
      }
    }
    assertThat(without).isEmpty();
    assertThat(types).isGreaterThan(100);
  }

  private static int look(Path file, List<String> without) throws IOException {
    List<String> lines = Files.readAllLines(file);
    String type = lines.stream().filter(line -> TYPE.matcher(line).matches()).findFirst().orElse(null);
    if (type == null) {
      return 0;
    }
    boolean isInterface = INTERFACE.matcher(type).matches();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      if ((MEMBER.matcher(line).matches() || isInterface && OF_INTERFACE.matcher(line).matches()) && !isSaid(lines, i)) {
        without.add(file.getFileName() + ":" + (i + 1) + ": " + line.strip());
      }
    }
    return 1;
  }

  private static boolean isSaid(List<String> lines, int at) {
    int before = at - 1;
    while (lines.get(before).strip().startsWith("@")) {
      if (lines.get(before).strip().equals("@Override")) {
        return true;
      }
      before--;
    }
    return lines.get(before).strip().endsWith("*/");
  }
}
