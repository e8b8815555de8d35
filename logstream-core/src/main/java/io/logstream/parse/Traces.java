package io.logstream.parse;

import io.logstream.LineJoiner;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Recognises stack traces of several languages: one machine, whose states know which lines may follow. A line that the present state
 * does not take ends the trace, and is looked at as the possible beginning of another.
 *
 * <p>Lines of a message that goes on behind the first line, and blank lines before what may be another part, are in doubt until a line
 * comes that only a trace has: a frame, a goroutine's header, the sentence between two Python traces. A beginning that any line
 * could be, such as a dotted name with a colon, is a record by itself unless a frame is next.
 */
final class Traces implements LineJoiner {
  static final int JAVA = 1;
  static final int JS = 2;
  static final int PYTHON = 4;
  static final int GO = 8;
  static final int RUBY = 16;
  static final int PHP = 32;
  static final int DART = 64;
  static final int RUST = 128;
  private static final int ALL = 255;

  private static final String[][] NAMES = {{"java", "kotlin", "scala", "csharp"}, {"js", "javascript"}, {"python"}, {"go"}, {"ruby"}, {"php"}, {"dart"}, {"rust"}};

  // states; 0 is outside of a trace
  private static final int PLAIN = 1;
  private static final int THROWN = 2;
  private static final int MAYBE_THROWN = 3;
  private static final int MAYBE_THROWN_AT_ONCE = 4;
  private static final int MESSAGE = 5;
  private static final int FRAMES = 6;
  private static final int NESTED = 7;
  private static final int JS_BLOCK = 8;
  private static final int JS_ENDED = 9;
  private static final int JS_GAP = 10;
  private static final int JS_PLACE = 11;
  private static final int JS_CARET = 12;
  private static final int PY = 13;
  private static final int PY_GROUP = 14;
  private static final int PY_ENDED = 15;
  private static final int PY_GAP = 16;
  private static final int PY_BRIDGE = 17;
  private static final int GO_PANIC = 18;
  private static final int GO_GAP = 19;
  private static final int GO_FUNCTION = 20;
  private static final int GO_FILE = 21;
  private static final int RAILS = 22;
  private static final int RUBY_RAISED = 23;
  private static final int RUBY_MAYBE = 24;
  private static final int RUBY_FRAMES = 25;
  private static final int PHP_ERROR = 26;
  private static final int PHP_FRAMES = 27;
  private static final int PHP_GAP = 28;
  private static final int DART_UNHANDLED = 29;
  private static final int DART_MESSAGE = 30;
  private static final int DART_FRAMES = 31;
  private static final int RUST_PLACE = 32;
  private static final int RUST_MESSAGE = 33;
  private static final int RUST_FRAMES = 34;
  private static final int RUST_NOTED = 35;

  /** Lines of a message that may follow each other. */
  private static final int MOST_MESSAGE = 20;
  /** Lines of source that may stand above a caret. */
  private static final int MOST_SOURCE = 3;

  private static final byte[] EXCEPTION = ascii("Exception");
  private static final byte[] ERROR = ascii("Error");
  private static final byte[] ERROR_IN_BRACKETS = ascii("Error]");
  private static final byte[] THROWABLE = ascii("Throwable");
  private static final byte[] IN_THREAD = ascii("Exception in thread ");
  private static final byte[] V8 = ascii("V8 errors stack trace");
  private static final byte[] AT = ascii("at ");
  private static final byte[] EVAL_AT = ascii("eval at ");
  private static final byte[] CAUSED = ascii("Caused by:");
  private static final byte[] SUPPRESSED = ascii("Suppressed:");
  private static final byte[] WRAPPED = ascii("Wrapped by:");
  private static final byte[] INNER = ascii("---> ");
  private static final byte[] END_OF = ascii("--- End of ");
  private static final byte[] NESTED_IS = ascii("nested exception is:");
  private static final byte[] CIRCULAR = ascii("[CIRCULAR REFERENCE");
  private static final byte[] DOTS = ascii("... ");
  private static final byte[] NODE_VERSION = ascii("Node.js v");
  private static final byte[] NODE_SCHEME = ascii("node:");
  private static final byte[] TRACEBACK = ascii("Traceback (most recent call last):");
  private static final byte[] GROUP = ascii("Exception Group Traceback (most recent call last):");
  private static final byte[] DURING = ascii("During handling of the above exception, another exception occurred:");
  private static final byte[] DIRECT = ascii("The above exception was the direct cause of the following exception:");
  private static final byte[] PANIC = ascii("panic");
  private static final byte[] PANIC_COLON = ascii("panic: ");
  private static final byte[] HTTP = ascii("http");
  private static final byte[] SERVING = ascii(": panic serving");
  private static final byte[] FATAL_ERROR = ascii("fatal error");
  private static final byte[] SIGNAL = ascii("[signal ");
  private static final byte[] GOROUTINE = ascii("goroutine ");
  private static final byte[] RUNTIME_STACK = ascii("runtime stack:");
  private static final byte[] CREATED_BY = ascii("created by ");
  private static final byte[] ELIDED = ascii("...");
  private static final byte[] ERROR_PAREN = ascii("Error (");
  private static final byte[] FROM = ascii("from ");
  private static final byte[] COUNTED_FROM = ascii(": from ");
  private static final byte[] RB = ascii(".rb:");
  private static final byte[] PHP_ = ascii("PHP ");
  private static final byte[][] PHP_LEVELS = {ascii("Notice"), ascii("Warning"), ascii("Parse error"), ascii("Fatal error"), ascii("Deprecated")};
  private static final byte[] PHP_EXCEPTION = ascii("exception '");
  private static final byte[] WITH_MESSAGE = ascii("' with message '");
  private static final byte[] STACK_TRACE = ascii("Stack trace:");
  private static final byte[] THROWN_IN = ascii("thrown in ");
  private static final byte[] NEXT = ascii("Next ");
  private static final byte[] UNHANDLED = ascii("Unhandled exception:");
  private static final byte[] SUSPENSION = ascii("<asynchronous suspension>");
  private static final byte[] THREAD = ascii("thread '");
  private static final byte[] PANICKED = ascii(" panicked at ");
  private static final byte[] BACKTRACE = ascii("stack backtrace:");
  private static final byte[] NOTE = ascii("note: ");
  private static final byte[][] LEVELS = {ascii("TRACE"), ascii("DEBUG"), ascii("INFO"), ascii("WARN"), ascii("ERROR"), ascii("FATAL")};
  private static final byte[][] SCRIPTS = {ascii(".js:"), ascii(".mjs:"), ascii(".cjs:"), ascii(".ts:")};

  private final int languages;
  private final boolean afterLine;
  private int state;
  /** Lines in doubt, or of source, in the present state. */
  private int count;

  Traces(int languages, boolean afterLine) {
    this.languages = languages;
    this.afterLine = afterLine;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  static int languages(String... names) {
    if (names.length == 0) {
      return ALL;
    }
    int languages = 0;
    for (String name : names) {
      int one = 0;
      for (int i = 0; i < NAMES.length; i++) {
        if (Arrays.asList(NAMES[i]).contains(name.toLowerCase(Locale.ROOT))) {
          one = 1 << i;
        }
      }
      if (one == 0) {
        throw new IllegalArgumentException("Multiline.traces(..) knows no language '" + name + "'; it knows " + names(ALL));
      }
      languages |= one;
    }
    return languages;
  }

  static List<String> names(int languages) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < NAMES.length; i++) {
      if ((languages & 1 << i) != 0) {
        names.addAll(Arrays.asList(NAMES[i]));
      }
    }
    return names;
  }

  @Override
  public Does next(byte[] bytes, int from, int to, boolean open) {
    boolean behindPlain = open && state == PLAIN;
    if (open && state > PLAIN) {
      Does does = goOn(bytes, from, to);
      if (does != null) {
        return does;
      }
    }
    state = begin(bytes, from, to);
    count = 0;
    if (state == 0) {
      if (afterLine) {
        state = PLAIN;
        return Does.BEGINS;
      }
      return Does.STANDS_ALONE;
    }
    if (behindPlain && afterLine) {
      return isGuess(state) ? Does.MAY_CONTINUE : Does.CONTINUES;
    }
    return Does.BEGINS;
  }

  private static boolean isGuess(int state) {
    return state == MAYBE_THROWN || state == MAYBE_THROWN_AT_ONCE || state == JS_PLACE || state == RUBY_MAYBE;
  }

  // ---------------------------------------------------------------- the lines of a trace

  private Does to(int next) {
    state = next;
    count = 0;
    return Does.CONTINUES;
  }

  private Does doubt(int next) {
    state = next;
    return Does.MAY_CONTINUE;
  }

  private Does ends() {
    state = 0;
    return Does.ENDS;
  }

  /** A further line of a message, unless it looks like the beginning of something else. */
  private Does message(int next, byte[] b, int from, int to) {
    if (count >= MOST_MESSAGE || looksLogged(b, from, to)) {
      return null;
    }
    if (from < to) {
      int other = begin(b, from, to);
      if (other != 0 && !isGuess(other)) {
        return null;
      }
    }
    count++;
    return doubt(next);
  }

  private Does goOn(byte[] b, int from, int to) {
    int text = skipBlanks(b, from, to);
    boolean blank = text == to;
    boolean indented = text > from;
    return switch (state) {
      case THROWN, MAYBE_THROWN, MAYBE_THROWN_AT_ONCE, MESSAGE, FRAMES -> thrown(b, from, to, text);
      case NESTED -> begin(b, from, to) == THROWN ? to(THROWN) : null;
      case JS_BLOCK -> {
        if (to - from == 1 && b[from] == '}') {
          yield to(JS_ENDED);
        }
        yield blank || indented ? to(JS_BLOCK) : null;
      }
      case JS_ENDED -> blank ? doubt(JS_GAP) : null;
      case JS_GAP -> at(b, from, to, NODE_VERSION) ? ends() : null;
      case JS_PLACE -> isCaret(b, text, to) ? to(JS_CARET) : count++ < MOST_SOURCE ? doubt(JS_PLACE) : null;
      case JS_CARET -> blank ? to(JS_CARET) : to(opensBlock(b, from, to) ? JS_BLOCK : THROWN);
      case PY -> {
        if (indented && !blank && ((languages & PYTHON) != 0 || indexOf(b, text, to, COUNTED_FROM) > 0)) {
          yield to(PY);
        }
        if (isRubyPlace(b, from, to)) {
          yield (languages & RUBY) != 0 ? ends() : null;
        }
        yield (languages & PYTHON) != 0 && isPythonName(b, from, to) ? to(PY_ENDED) : null;
      }
      case PY_GROUP -> blank ? doubt(PY_GAP) : indented && !isGroup(b, text, to) ? to(PY_GROUP) : null;
      case PY_ENDED -> {
        if (blank) {
          yield doubt(PY_GAP);
        }
        yield indented && !isGroup(b, text, to) ? to(PY_ENDED) : message(PY_ENDED, b, from, to);
      }
      case PY_GAP -> at(b, from, to, DURING) || at(b, from, to, DIRECT) ? to(PY_BRIDGE) : null;
      case PY_BRIDGE -> {
        int next = blank ? PY_BRIDGE : begin(b, from, to);
        yield next == PY_BRIDGE || next == PY || next == PY_GROUP ? to(next) : null;
      }
      case GO_PANIC -> {
        if (blank) {
          yield to(GO_GAP);
        }
        Does header = goHeader(b, from, to, text);
        yield header != null ? header : message(GO_PANIC, b, from, to);
      }
      case GO_GAP -> blank ? null : goHeader(b, from, to, text);
      case GO_FUNCTION -> {
        if (blank) {
          yield to(GO_GAP);
        }
        yield !indented && (at(b, from, to, ELIDED) || at(b, from, to, CREATED_BY) || isCall(b, from, to))
            ? to(at(b, from, to, ELIDED) ? GO_FUNCTION : GO_FILE) : null;
      }
      case GO_FILE -> indented && !blank ? to(GO_FUNCTION) : null;
      case RAILS -> indented && (blank || indexOf(b, text, to, RB) >= 0) ? to(RAILS) : null;
      case RUBY_RAISED, RUBY_MAYBE, RUBY_FRAMES -> {
        boolean frame = indented ? at(b, text, to, FROM) || at(b, text, to, DOTS) : isRubyPlace(b, from, to) && isQuote(b[to - 1]);
        if (frame) {
          yield to(RUBY_FRAMES);
        }
        yield state == RUBY_RAISED ? message(RUBY_RAISED, b, from, to) : null;
      }
      case PHP_ERROR -> at(b, from, to, STACK_TRACE) ? to(PHP_FRAMES) : message(PHP_ERROR, b, from, to);
      case PHP_FRAMES -> {
        if (blank) {
          yield doubt(PHP_GAP);
        }
        if (indented && at(b, text, to, THROWN_IN)) {
          yield ends();
        }
        yield isNumbered(b, from, to) ? to(PHP_FRAMES) : null;
      }
      case PHP_GAP -> at(b, from, to, NEXT) ? to(PHP_ERROR) : null;
      case DART_UNHANDLED -> to(isNumbered(b, from, to) ? DART_FRAMES : DART_MESSAGE);
      case DART_MESSAGE -> isNumbered(b, from, to) ? to(DART_FRAMES) : message(DART_MESSAGE, b, from, to);
      case DART_FRAMES -> isNumbered(b, from, to) || at(b, from, to, SUSPENSION) ? to(DART_FRAMES) : null;
      case RUST_PLACE -> to(RUST_MESSAGE);
      case RUST_MESSAGE -> {
        if (at(b, from, to, BACKTRACE)) {
          yield to(RUST_FRAMES);
        }
        yield at(b, from, to, NOTE) ? to(RUST_NOTED) : message(RUST_MESSAGE, b, from, to);
      }
      case RUST_FRAMES -> indented && !blank ? to(RUST_FRAMES) : at(b, from, to, NOTE) ? to(RUST_NOTED) : null;
      default -> null;
    };
  }

  private Does thrown(byte[] b, int from, int to, int text) {
    boolean indented = text > from;
    boolean maybe = state == MAYBE_THROWN || state == MAYBE_THROWN_AT_ONCE;
    if (text == to) {
      if (state == THROWN && !indented) {
        return to(THROWN);
      }
      if (state == FRAMES) {
        return (languages & JS) != 0 ? doubt(JS_GAP) : null;
      }
      return state == MAYBE_THROWN_AT_ONCE ? null : message(MESSAGE, b, from, to);
    }
    byte first = b[text];
    if (indented && (first == 'a' && at(b, text, to, AT) || first == 'e' && at(b, text, to, EVAL_AT))) {
      return to(opensBlock(b, text, to) ? JS_BLOCK : FRAMES);
    }
    if (!maybe) {
      switch (first) {
        case '.' -> {
          if (at(b, text, to, DOTS) && text + 4 < to && isDigit(b[text + 4])) {
            return to(FRAMES);
          }
        }
        case 'C', 'S', 'W' -> {
          if (state != MESSAGE && (at(b, text, to, CAUSED) || at(b, text, to, SUPPRESSED) || at(b, text, to, WRAPPED))) {
            return to(THROWN);
          }
        }
        case '-' -> {
          if (at(b, text, to, END_OF)) {
            return to(FRAMES);
          }
          if (at(b, text, to, INNER)) {
            return to(THROWN);
          }
        }
        case 'n' -> {
          if (state == THROWN && at(b, text, to, NESTED_IS)) {
            return to(NESTED);
          }
        }
        case '[' -> {
          if (indented && at(b, text, to, CIRCULAR)) {
            return to(FRAMES);
          }
        }
        case 'N' -> {
          if (state == MESSAGE && !indented && at(b, from, to, NODE_VERSION)) {
            return ends();
          }
        }
        default -> { }
      }
    }
    return state == FRAMES || state == MAYBE_THROWN_AT_ONCE ? null : message(MESSAGE, b, from, to);
  }

  private Does goHeader(byte[] b, int from, int to, int text) {
    if (at(b, from, to, GOROUTINE) && b[to - 1] == ':' || at(b, from, to, RUNTIME_STACK)) {
      return to(GO_FUNCTION);
    }
    return at(b, from, to, SIGNAL) || state == GO_PANIC && at(b, text, to, PANIC_COLON) ? to(GO_PANIC) : null;
  }

  // ---------------------------------------------------------------- beginnings

  /** The state that a line leads to that is in no trace yet; 0 if it begins none. */
  private int begin(byte[] b, int from, int to) {
    if (to == from) {
      return 0;
    }
    int guess = 0;
    byte last = b[to - 1];
    if ((languages & (JAVA | JS)) != 0) {
      if (last == 'n' && endsWith(b, from, to, EXCEPTION) || last == 'r' && endsWith(b, from, to, ERROR)
          || last == 'e' && (endsWith(b, from, to, THROWABLE) || endsWith(b, from, to, V8))) {
        return THROWN;
      }
      if (isNamePart(last) && isClassName(b, from, to)) {
        guess = MAYBE_THROWN_AT_ONCE;
      }
    }
    if (last == ':') {
      int state = beginWithColonLast(b, from, to);
      if (state != 0) {
        return state;
      }
    } else if (last == ')') {
      if ((languages & RUBY) != 0 && endsWithName(b, from, to)) {
        guess = RUBY_MAYBE;
      }
    } else if (isDigit(last) && (languages & JS) != 0 && isScriptPlace(b, from, to)) {
      guess = JS_PLACE;
    }
    if ((languages & RUST) != 0 && b[from] == 't' && at(b, from, to, THREAD) && indexOf(b, from, to, PANICKED) >= 0) {
      return last == ':' ? RUST_PLACE : RUST_MESSAGE;
    }
    for (int i = from + 1; i < to; i++) {
      byte c = b[i];
      if (c == ':') {
        int state = beginAtColon(b, from, i, to);
        if (state != 0) {
          if (!isGuess(state)) {
            return state == THROWN && last == '{' && b[from] == '[' ? JS_BLOCK : state;
          }
          guess = guess == RUBY_MAYBE ? guess : state;
        }
      } else if (c == '\'' && (languages & PHP) != 0 && at(b, i, to, WITH_MESSAGE) && indexOf(b, from, i, PHP_EXCEPTION) >= 0) {
        return PHP_ERROR;
      }
    }
    return guess;
  }

  private int beginWithColonLast(byte[] b, int from, int to) {
    if ((languages & (PYTHON | RUBY)) != 0 && endsWith(b, from, to, TRACEBACK)) {
      int text = skipBlanks(b, from, to);
      if (to - from == TRACEBACK.length) {
        return PY;
      }
      if ((languages & PYTHON) != 0 && (at(b, text, to, GROUP) || isGroup(b, text, to))) {
        return PY_GROUP;
      }
    }
    if ((languages & DART) != 0 && to - from == UNHANDLED.length && at(b, from, to, UNHANDLED)) {
      return DART_UNHANDLED;
    }
    return (languages & RUBY) != 0 && to - from > 2 && b[to - 2] == ')' && indexOf(b, from, to, ERROR_PAREN) >= 0 ? RAILS : 0;
  }

  /** What the text that ends in this colon says. */
  private int beginAtColon(byte[] b, int from, int colon, int to) {
    byte before = b[colon - 1];
    switch (before) {
      case 'n' -> {
        if ((languages & (JAVA | JS)) != 0 && endsWith(b, from, colon, EXCEPTION)) {
          return THROWN;
        }
      }
      case 'r' -> {
        if ((languages & (JAVA | JS)) != 0 && endsWith(b, from, colon, ERROR)) {
          return THROWN;
        }
        if ((languages & GO) != 0 && colon - from == FATAL_ERROR.length && at(b, from, colon, FATAL_ERROR)) {
          return GO_PANIC;
        }
        if (isPhp(b, from, colon)) {
          return PHP_ERROR;
        }
      }
      case 'e' -> {
        if ((languages & (JAVA | JS)) != 0 && endsWith(b, from, colon, THROWABLE)) {
          return THROWN;
        }
        if (isPhp(b, from, colon)) {
          return PHP_ERROR;
        }
      }
      case 'g', 'd' -> {
        if (isPhp(b, from, colon)) {
          return PHP_ERROR;
        }
      }
      case ']' -> {
        if ((languages & JS) != 0 && endsWith(b, from, colon, ERROR_IN_BRACKETS)) {
          return THROWN;
        }
      }
      case 'c' -> {
        int word = colon - PANIC.length;
        if ((languages & GO) != 0 && at(b, Math.max(word, from), to, PANIC_COLON) && (word == from || !isWord(b[word - 1]))) {
          return GO_PANIC;
        }
      }
      case 'p' -> {
        if ((languages & GO) != 0 && endsWith(b, from, colon, HTTP) && at(b, colon, to, SERVING)) {
          return GO_PANIC;
        }
      }
      default -> {
        if (isDigit(before) && (languages & RUBY) != 0 && colon + 4 < to && b[colon + 1] == 'i' && b[colon + 2] == 'n' && b[colon + 3] == ' '
            && isQuote(b[colon + 4]) && !isQuote(b[to - 1]) && b[from] != ' ' && b[from] != '\t') {
          return RUBY_RAISED;
        }
      }
    }
    if ((languages & (JAVA | JS)) != 0 && isNamePart(before) && (colon + 1 == to || b[colon + 1] == ' ')) {
      if (isClassName(b, from, colon)) {
        int name = nameStart(b, from, colon);
        return name == from || at(b, from, to, IN_THREAD) ? MAYBE_THROWN : MAYBE_THROWN_AT_ONCE;
      }
      if (b[from] >= 'A' && b[from] <= 'Z' && nameStart(b, from, colon) == from) {
        return MAYBE_THROWN_AT_ONCE;
      }
    }
    return 0;
  }

  private boolean isPhp(byte[] b, int from, int colon) {
    if ((languages & PHP) != 0) {
      for (byte[] level : PHP_LEVELS) {
        if (endsWith(b, from, colon, level) && endsWith(b, from, colon - level.length, PHP_)) {
          return true;
        }
      }
    }
    return false;
  }

  // ---------------------------------------------------------------- bytes

  private static int skipBlanks(byte[] b, int from, int to) {
    int i = from;
    while (i < to && (b[i] == ' ' || b[i] == '\t')) {
      i++;
    }
    return i;
  }

  private static boolean at(byte[] b, int from, int to, byte[] word) {
    return to - from >= word.length && b[from] == word[0] && Arrays.equals(b, from, from + word.length, word, 0, word.length);
  }

  private static boolean endsWith(byte[] b, int from, int to, byte[] word) {
    return to - from >= word.length && Arrays.equals(b, to - word.length, to, word, 0, word.length);
  }

  private static int indexOf(byte[] b, int from, int to, byte[] word) {
    for (int i = from; i <= to - word.length; i++) {
      if (b[i] == word[0] && at(b, i, to, word)) {
        return i;
      }
    }
    return -1;
  }

  private static boolean isDigit(byte c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isQuote(byte c) {
    return c == '`' || c == '\'';
  }

  private static boolean isWord(byte c) {
    return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || isDigit(c);
  }

  private static boolean isNamePart(byte c) {
    return isWord(c) || c == '$' || c < 0;
  }

  private static int nameStart(byte[] b, int from, int to) {
    int i = to;
    while (i > from && (isNamePart(b[i - 1]) || b[i - 1] == '.')) {
      i--;
    }
    return i;
  }

  /** Whether the text ends with a dotted name whose last part begins with a capital, behind a blank or at the beginning. */
  private static boolean isClassName(byte[] b, int from, int to) {
    int i = nameStart(b, from, to);
    if (i > from && b[i - 1] != ' ' && b[i - 1] != '\t' || i == to || isDigit(b[i])) {
      return false;
    }
    int dot = to - 1;
    while (dot > i && b[dot] != '.') {
      dot--;
    }
    return dot > i && dot + 1 < to && b[dot + 1] >= 'A' && b[dot + 1] <= 'Z';
  }

  /** Whether the text ends with a name of Ruby in brackets, {@code (Some::Name)}. */
  private static boolean endsWithName(byte[] b, int from, int to) {
    int i = to - 1;
    while (i > from && (isWord(b[i - 1]) || b[i - 1] == ':')) {
      i--;
    }
    return i > from && b[i - 1] == '(' && b[i] >= 'A' && b[i] <= 'Z';
  }

  private static boolean isScriptPlace(byte[] b, int from, int to) {
    int colon = to - 1;
    while (colon > from && isDigit(b[colon])) {
      colon--;
    }
    if (b[colon] != ':' || b[from] == ' ' || b[from] == '\t') {
      return false;
    }
    for (byte[] script : SCRIPTS) {
      if (endsWith(b, from, colon + 1, script)) {
        return true;
      }
    }
    return at(b, from, to, NODE_SCHEME);
  }

  private static boolean isCaret(byte[] b, int text, int to) {
    for (int i = text; i < to; i++) {
      if (b[i] != '^' && b[i] != '~') {
        return false;
      }
    }
    return text < to;
  }

  private boolean opensBlock(byte[] b, int from, int to) {
    return (languages & JS) != 0 && to - from > 2 && b[to - 1] == '{' && b[to - 2] == ' ';
  }

  /** Whether it is the first line of a group of exceptions that stands in no other. */
  private static boolean isGroup(byte[] b, int text, int to) {
    return b[text] == '+' && at(b, text + 2, to, GROUP);
  }

  /** Whether it is the last line of a Python trace: a dotted name, and nothing or a colon behind it. */
  private static boolean isPythonName(byte[] b, int from, int to) {
    int i = from;
    while (i < to && (isWord(b[i]) || b[i] < 0 || b[i] == '.' || b[i] == '<' || b[i] == '>')) {
      i++;
    }
    return i > from && (i == to || b[i] == ':');
  }

  /** Whether it begins with a file, a line and {@code in '..'}. */
  private static boolean isRubyPlace(byte[] b, int from, int to) {
    for (int i = from + 1; i + 4 < to; i++) {
      if (b[i] == ':' && b[i + 1] == 'i' && b[i + 2] == 'n' && b[i + 3] == ' ' && isQuote(b[i + 4])) {
        return isDigit(b[i - 1]);
      }
    }
    return false;
  }

  /** Whether it is a call in Go: a bracket without a blank before it. */
  private static boolean isCall(byte[] b, int from, int to) {
    for (int i = from; i < to && b[i] != ' '; i++) {
      if (b[i] == '(') {
        return i > from;
      }
    }
    return false;
  }

  private static boolean isNumbered(byte[] b, int from, int to) {
    return to - from >= 2 && b[from] == '#' && isDigit(b[from + 1]);
  }

  /** Whether a line begins as a logger would begin it, with a time or a level. */
  private static boolean looksLogged(byte[] b, int from, int to) {
    if (to - from < 6) {
      return false;
    }
    byte first = b[from];
    if (isDigit(first)) {
      return isDigit(b[from + 1]) && (b[from + 2] == ':' || b[from + 2] == '/' || isDigit(b[from + 2]) && isDigit(b[from + 3])
          && (b[from + 4] == '-' || b[from + 4] == '/'));
    }
    if (first == '[') {
      return isDigit(b[from + 1]);
    }
    for (byte[] level : LEVELS) {
      if (first == level[0] && at(b, from, to, level) && from + level.length < to && !isWord(b[from + level.length])) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void reset() {
    state = 0;
    count = 0;
  }

  @Override
  public long state() {
    return (long) count << 8 | state;
  }

  @Override
  public void state(long saved) {
    state = (int) saved & 0xFF;
    count = (int) (saved >>> 8);
  }
}
