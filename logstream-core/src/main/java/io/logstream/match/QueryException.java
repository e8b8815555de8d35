package io.logstream.match;

/**
 * A query that cannot be understood, or asks for more than a query may. The message says what was expected, where, and what to write
 * instead, and shows the place.
 */
public final class QueryException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;
  private static final int SHOWN = 60;

  private final int position;

  QueryException(String problem, String text, int position) {
    super(problem + "\n" + shown(text, Math.max(0, Math.min(position, text.length()))));
    this.position = Math.max(0, Math.min(position, text.length()));
  }

  /** Where in the text it is, from 0; the text's length if something is missing at its end. */
  public int position() {
    return position;
  }

  private static String shown(String text, int position) {
    int from = Math.max(0, position - SHOWN);
    int to = Math.min(text.length(), position + SHOWN);
    StringBuilder line = new StringBuilder(from > 0 ? ".." : "");
    int caret = line.length() + position - from;
    for (int i = from; i < to; i++) {
      line.append(Character.isISOControl(text.charAt(i)) ? ' ' : text.charAt(i));
    }
    return line.append(to < text.length() ? ".." : "").append('\n').append(" ".repeat(caret)).append('^').toString();
  }
}
