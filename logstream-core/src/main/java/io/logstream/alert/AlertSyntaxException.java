package io.logstream.alert;

/** A line that is no alert, or one that contradicts itself. The message shows the line, and under it the place and what would fit there. */
public final class AlertSyntaxException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;
  private static final int SHOWN = 100;

  private final int position;

  AlertSyntaxException(String problem, String line, int position, Throwable cause) {
    super(shown(problem, line, Math.min(position, line.length())), cause);
    this.position = Math.min(position, line.length());
  }

  /** Where in the line it is, from 0; the line's length if something is missing at its end. */
  public int position() {
    return position;
  }

  private static String shown(String problem, String line, int position) {
    int from = Math.max(0, position - SHOWN);
    int to = Math.min(line.length(), position + SHOWN);
    StringBuilder text = new StringBuilder(from > 0 ? ".." : "");
    int caret = text.length() + position - from;
    for (int i = from; i < to; i++) {
      text.append(Character.isISOControl(line.charAt(i)) ? ' ' : line.charAt(i));
    }
    return text.append(to < line.length() ? ".." : "").append('\n').append(" ".repeat(caret)).append("^ ").append(problem).toString();
  }
}
