package io.logstream.jmh;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Draws the charts of README and guide: of every {@link Results} in a folder a picture (SVG) of the same name, the same one for the same results.
 *
 * <pre>java -cp jmh/target/benchmarks.jar io.logstream.jmh.Charts [RESULTS, jmh/results] [PICTURES, src-site/resources/charts]</pre>
 */
public final class Charts {
  private static final int WIDTH = 760;
  private static final int LEFT = 272;
  private static final int RIGHT = 110;
  private static final int ROW = 30;
  private static final int TOP = 58;

  private Charts() {}

  /** Draws them. */
  public static void main(String[] args) throws IOException {
    Path results = Path.of(args.length > 0 ? args[0] : "jmh/results");
    Path pictures = Files.createDirectories(Path.of(args.length > 1 ? args[1] : "src-site/resources/charts"));
    List<Path> files;
    try (Stream<Path> all = Files.list(results)) {
      files = all.filter(file -> file.toString().endsWith(".json")).sorted().toList();
    }
    for (Path file : files) {
      Path picture = pictures.resolve(file.getFileName().toString().replace(".json", ".svg"));
      Files.writeString(picture, draw(Results.read(file)), StandardCharsets.UTF_8);
      System.out.println(picture);
    }
  }

  static String draw(Results results) {
    double most = results.bars().stream().mapToDouble(Results.Bar::most).max().orElse(1);
    double best = results.bars().stream().filter(Results.Bar::ours).mapToDouble(Results.Bar::value).min().orElse(1);
    int height = TOP + ROW * results.bars().size() + 52;
    StringBuilder svg = new StringBuilder();
    svg.append(String.format(Locale.ROOT, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" font-family=\"system-ui, sans-serif\" font-size=\"14\">%n",
        WIDTH, height, WIDTH, height));
    svg.append(String.format(Locale.ROOT, "<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>%n", WIDTH, height));
    text(svg, 16, 26, "font-size=\"16\" font-weight=\"600\" fill=\"#1c2330\"", results.title());
    text(svg, 16, 45, "fill=\"#5b6472\" font-size=\"12\"", results.unit() + "; less is better; the thin line is from the least to the most of all rounds");
    double scale = (WIDTH - LEFT - RIGHT) / most;
    for (int i = 0; i < results.bars().size(); i++) {
      Results.Bar bar = results.bars().get(i);
      double y = TOP + ROW * i + 6;
      text(svg, LEFT - 10, y + 14, "text-anchor=\"end\" fill=\"#1c2330\"" + (bar.ours() ? " font-weight=\"600\"" : ""), bar.name());
      svg.append(String.format(Locale.ROOT, "<rect x=\"%d\" y=\"%.0f\" width=\"%.1f\" height=\"18\" rx=\"2\" fill=\"%s\"/>%n", LEFT, y, Math.max(1, bar.value() * scale), bar.ours() ? "#3b6fb6" : "#aab4c3"));
      svg.append(String.format(Locale.ROOT, "<path d=\"M%.1f %.0fH%.1f\" stroke=\"#1c2330\"/>%n", LEFT + bar.least() * scale, y + 9, LEFT + bar.most() * scale));
      text(svg, LEFT + bar.most() * scale + 8, y + 14, "fill=\"#1c2330\"", number(bar.value()) + (bar.value() == best ? "" : String.format(Locale.ROOT, "  (%.1f x)", bar.value() / best)));
    }
    text(svg, 16, height - 28, "fill=\"#5b6472\" font-size=\"11\"", results.machine() + ", " + results.jdk() + ", " + results.date());
    text(svg, 16, height - 12, "fill=\"#5b6472\" font-size=\"10\" font-family=\"monospace\"", results.command());
    return svg.append("</svg>\n").toString().replace(System.lineSeparator(), "\n");
  }

  private static String number(double value) {
    return value >= 100 ? String.format(Locale.ROOT, "%,.0f", value) : String.format(Locale.ROOT, value >= 10 ? "%.1f" : "%.2f", value);
  }

  private static void text(StringBuilder svg, double x, double y, String how, String text) {
    svg.append(String.format(Locale.ROOT, "<text x=\"%.1f\" y=\"%.0f\" %s>", x, y, how)).append(text.replace("&", "&amp;").replace("<", "&lt;")).append("</text>\n");
  }
}
