package io.logstream.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** README and guide lead nowhere that does not exist: pages, headings on them, pictures, tests, and the menu of the site. */
class GuideLinksTest {
  private static final Path SITE = Modules.ROOT.resolve("src-site");
  /** Folders whose pages stand in an index beside them, and not in the menu. */
  private static final List<String> LISTS = List.of("markdown/stages", "decisions");
  private static final Pattern LINK = Pattern.compile("(?<!`)\\[[^\\]\\n]*\\]\\(([^)\\s]+)\\)");
  private static final Pattern HEADING = Pattern.compile("(?m)^#+ +(.+?) *$");
  private static final Pattern CODE = Pattern.compile("(?s)```.*?```|`[^`\\n]*`");
  private static final Pattern ITEM = Pattern.compile("href=\"([^\"]+\\.html)\"");
  private static final Pattern TEST = Pattern.compile("`([A-Z]\\w*Test)(?:\\.(\\w+))?`");

  private static List<Path> pages() throws IOException {
    List<Path> pages = new ArrayList<>();
    for (String name : List.of("README.md", "CONTRIBUTING.md", "CHANGELOG.md")) {
      pages.add(Modules.ROOT.resolve(name));
    }
    try (Stream<Path> all = Files.walk(SITE)) {
      all.filter(page -> page.toString().endsWith(".md")).forEach(pages::add);
    }
    return pages;
  }

  /** Where a page of the site is made from: decisions and rules lie outside of {@code markdown}. */
  private static Path source(String page) {
    Path guide = SITE.resolve("markdown").resolve(page.replaceFirst("\\.html$", ".md"));
    return Files.exists(guide) ? guide : SITE.resolve(page.replaceFirst("\\.html$", ".md"));
  }

  /** The place of a page on the site. */
  private static Path placeOnSite(Path page) {
    Path guide = SITE.resolve("markdown");
    return page.startsWith(guide) ? guide.relativize(page) : SITE.relativize(page);
  }

  @Test void noLinkLeadsNowhere() throws IOException {
    List<String> broken = new ArrayList<>();
    int links = 0;
    for (Path page : pages()) {
      Matcher link = LINK.matcher(CODE.matcher(Files.readString(page, StandardCharsets.UTF_8)).replaceAll(""));
      while (link.find()) {
        links++;
        String to = link.group(1);
        if (!to.startsWith("https://") && !leadsSomewhere(page, to)) {
          broken.add(Modules.ROOT.relativize(page) + ": " + to);
        }
      }
    }
    assertThat(broken).isEmpty();
    assertThat(links).isGreaterThan(150);
  }

  /** The site makes pages of files; in a repository only the files are there. */
  @Test void linksWithinAFolderNameTheFile() throws IOException {
    List<String> pagesOfTheSite = new ArrayList<>();
    for (Path page : pages()) {
      Matcher link = LINK.matcher(CODE.matcher(Files.readString(page, StandardCharsets.UTF_8)).replaceAll(""));
      while (link.find()) {
        String to = link.group(1).split("#", 2)[0];
        if (to.endsWith(".html") && Files.exists(page.resolveSibling(to.replaceFirst("\\.html$", ".md")))) {
          pagesOfTheSite.add(Modules.ROOT.relativize(page) + ": " + to);
        }
      }
    }
    assertThat(pagesOfTheSite).isEmpty();
  }

  private static boolean leadsSomewhere(Path page, String to) throws IOException {
    String[] parts = to.split("#", 2);
    Path target = page;
    if (!parts[0].isEmpty()) {
      boolean onSite = page.startsWith(SITE) && !parts[0].endsWith(".md");
      if (onSite && parts[0].startsWith("apidocs/")) {
        return true; // made with the site
      }
      Path beside = page.resolveSibling(parts[0]).normalize();
      if (!onSite) {
        target = beside;
      } else {
        String place = placeOnSite(page).resolveSibling(parts[0]).normalize().toString();
        target = parts[0].endsWith(".html") ? source(place) : SITE.resolve("resources").resolve(place);
      }
    }
    return Files.exists(target) && (parts.length == 1 || headings(target, page.startsWith(SITE)).contains(parts[1]));
  }

  /** The names of headings, as the site makes them, or as repositories that show Markdown do. */
  private static Set<String> headings(Path page, boolean onSite) throws IOException {
    Set<String> names = new HashSet<>();
    Matcher heading = HEADING.matcher(Files.readString(page, StandardCharsets.UTF_8));
    while (heading.find()) {
      String text = heading.group(1);
      names.add(onSite ? text.replace(' ', '_').replaceAll("[^\\w.:-]", "") : text.toLowerCase(Locale.ROOT).replace(' ', '-').replaceAll("[^\\w-]", ""));
    }
    return names;
  }

  @Test void theMenuHasEveryPageAndNoOther() throws IOException {
    Set<Path> listed = new TreeSet<>();
    Matcher item = ITEM.matcher(Files.readString(SITE.resolve("site.xml"), StandardCharsets.UTF_8));
    while (item.find()) {
      if (!item.group(1).startsWith("apidocs/")) {
        listed.add(source(item.group(1)));
      }
    }
    Set<Path> there = new TreeSet<>(pages().stream().filter(page -> page.startsWith(SITE)).toList());
    there.removeIf(page -> LISTS.stream().anyMatch(list -> page.startsWith(SITE.resolve(list))) && !page.endsWith("index.md"));
    assertThat(listed).isEqualTo(there);
  }

  @Test void everyPageThatIsNotInTheMenuIsInTheListBesideIt() throws IOException {
    for (String list : LISTS) {
      String index = Files.readString(SITE.resolve(list).resolve("index.md"), StandardCharsets.UTF_8);
      try (Stream<Path> pages = Files.list(SITE.resolve(list))) {
        assertThat(pages.map(page -> page.getFileName().toString()).filter(name -> !name.equals("index.md")))
            .isNotEmpty().allMatch(name -> index.contains("(" + name + ")") || index.contains("(" + name.replace(".md", ".html") + ")"));
      }
    }
  }

  @Test void everyRequirementIsCoveredByATestAndAPageOrNamedAsMissing() throws IOException {
    String coverage = Files.readString(SITE.resolve("markdown/coverage.md"), StandardCharsets.UTF_8);
    Set<Integer> named = new TreeSet<>();
    Matcher row = Pattern.compile("\\bR(\\d+)\\b").matcher(coverage.substring(coverage.indexOf("\n## ")));
    while (row.find()) {
      named.add(Integer.valueOf(row.group(1)));
    }
    assertThat(named).containsExactlyElementsOf(IntStream.rangeClosed(1, 90).boxed().toList());
    List<String> rows = coverage.lines().filter(line -> line.startsWith("| ") && !line.startsWith("| row ")).toList();
    assertThat(rows).hasSizeGreaterThan(60).allSatisfy(line -> {
      String[] cells = line.split("\\|");
      assertThat(cells).as(line).hasSize(6);
      assertThat(cells[4]).as("what shows it: " + line).containsPattern("`\\w+Test[.`]|by hand|mvn verify");
      assertThat(cells[5]).as("its page: " + line).containsPattern(LINK);
    });
  }

  @Test void everyTestThatAPageNamesIsThere() throws IOException {
    Set<String> tests = new HashSet<>();
    try (Stream<Path> all = Files.walk(Modules.ROOT)) {
      for (Path source : all.filter(file -> file.toString().endsWith("Test.java")).toList()) {
        String name = source.getFileName().toString().replace(".java", "");
        tests.add(name);
        Matcher method = Pattern.compile("(?:void|Stream<\\w+>) (\\w+)\\(").matcher(Files.readString(source, StandardCharsets.UTF_8));
        while (method.find()) {
          tests.add(name + "." + method.group(1));
        }
      }
    }
    List<String> missing = new ArrayList<>();
    for (Path page : pages()) {
      Matcher named = TEST.matcher(Files.readString(page, StandardCharsets.UTF_8));
      while (named.find()) {
        String test = named.group(1) + (named.group(2) == null ? "" : "." + named.group(2));
        if (!tests.contains(test)) {
          missing.add(page.getFileName() + ": " + test);
        }
      }
    }
    assertThat(missing).isEmpty();
  }
}
