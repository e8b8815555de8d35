package io.logstream.parse;

import static org.assertj.core.api.Assertions.assertThat;

import io.logstream.Ran;
import io.logstream.Stage;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TracesTest {
  private static final Stage NOTHING = Stage.inOrder(event -> { });

  private static List<String> joined(Multiline traces, List<String> lines) {
    List<String> reader = Ran.inBatchesOf(7, lines, traces).messages();
    assertThat(Ran.inBatchesOf(1, lines, traces).messages()).isEqualTo(reader);
    assertThat(Ran.inBatchesOf(1, lines, NOTHING, traces).messages()).isEqualTo(reader);
    return reader;
  }

  /** Each trace comes out whole, between plain lines and behind another of its kind, with all languages and with its own. */
  private static void whole(String language, String trace) {
    List<String> lines = new ArrayList<>(List.of("This is not a trace."));
    lines.addAll(trace.lines().toList());
    lines.add("2026-01-01 12:00:01 This is not a trace.");
    lines.addAll(trace.lines().toList());
    lines.addAll(trace.lines().toList());
    lines.add("Done.");
    String text = String.join("\n", trace.lines().toList());
    for (Multiline traces : List.of(Multiline.traces(), Multiline.traces(language))) {
      assertThat(joined(traces, lines))
          .containsExactly("This is not a trace.", text, "2026-01-01 12:00:01 This is not a trace.", text, text, "Done.");
    }
  }

  // ---------------------------------------------------------------- Java, by throwing

  /** A class whose name says nothing of what it is. */
  private static final class PaymentRefused extends RuntimeException {
    private static final long serialVersionUID = 1;

    PaymentRefused(String message, Throwable cause) {
      super(message, cause);
    }
  }

  static List<Throwable> thrown() {
    List<Throwable> all = new ArrayList<>();
    all.add(new IllegalStateException("no stock"));
    all.add(new NullPointerException());
    all.add(new PaymentRefused("card declined", null));
    all.add(new PaymentRefused(null, null));
    all.add(new PaymentRefused("first line\nsecond line\n\n  fourth: line", new IllegalArgumentException("one\ntwo")));
    all.add(new RuntimeException("outer", new IllegalStateException("middle", new java.io.IOException("inner\nmessage"))));
    Throwable suppressing = new java.io.UncheckedIOException("close", new java.io.IOException("disk full"));
    suppressing.addSuppressed(new PaymentRefused("while closing", new Error("why")));
    suppressing.addSuppressed(new java.util.concurrent.TimeoutException());
    all.add(suppressing);
    Throwable circular = new RuntimeException("a");
    Throwable other = new RuntimeException("b", circular);
    circular.initCause(other);
    all.add(circular);
    all.add(overflow(0));
    all.add(new AssertionError("expected: <1> but was: <2>"));
    return all;
  }

  private static Throwable overflow(int depth) {
    try {
      return overflow(depth + 1);
    } catch (StackOverflowError e) {
      return e;
    }
  }

  @ParameterizedTest @MethodSource("thrown") void joinsWhatAJvmPrints(Throwable thrown) {
    StringWriter written = new StringWriter();
    thrown.printStackTrace(new PrintWriter(written));
    String trace = written.toString().lines().limit(900).reduce((a, b) -> a + "\n" + b).orElseThrow();
    whole("java", trace);
    whole("java", "Exception in thread \"main\" " + trace);
  }

  @Test void joinsATraceToTheLineBeforeItIfTold() {
    List<String> lines = List.of("12:00:01 INFO started", "12:00:02 ERROR failed", "java.lang.IllegalStateException: x", "\tat a.B.c(B.java:1)", "12:00:03 ERROR again",
        "com.acme.Oops: y", "\tat a.B.c(B.java:1)", "12:00:04 INFO done");
    assertThat(joined(Multiline.traces().afterLine(), lines)).containsExactly("12:00:01 INFO started",
        "12:00:02 ERROR failed\njava.lang.IllegalStateException: x\n\tat a.B.c(B.java:1)", "12:00:03 ERROR again\ncom.acme.Oops: y\n\tat a.B.c(B.java:1)",
        "12:00:04 INFO done");
  }

  @Test void leavesLinesAloneThatOnlyLookLikeABeginning() {
    List<String> lines = List.of("com.acme.Server: started", "com.acme.Server: listening", "Warning: x", "java.lang.IllegalStateException: told, not thrown", "2026-01-01 a",
        "Error: none", "b", "It sounds tympanic: like a drum", "thread 'x' is fine", "c.js:7", "var x", "d", "panic: no", "e", "PHP Warning: w", "f", "(Name)", "g",
        "Caused by: nothing", "\tat nowhere", "... 3 more");
    assertThat(joined(Multiline.traces(), lines)).isEqualTo(lines);
  }

  @Test void makesLinesInDoubtRecordsAgainWhenNothingFollows() {
    try (Script script = new Script(Multiline.traces())) {
      script.lines("java.lang.IllegalStateException: a", "b", "c");
      assertThat(script.messages()).isEmpty();
      script.pass(Duration.ofSeconds(1));
      assertThat(script.messages()).containsExactly("java.lang.IllegalStateException: a", "b", "c");
    }
    List<String> many = new ArrayList<>(List.of("java.lang.IllegalStateException: a"));
    for (int i = 0; i < 30; i++) {
      many.add("line " + i);
    }
    assertThat(joined(Multiline.traces(), many)).isEqualTo(many);
  }

  // ---------------------------------------------------------------- others, as they print today

  @Test void joinsJavaAsLibrariesPrintIt() {
    whole("java", "javax.mail.SendFailedException: Invalid\n  nested exception is:\ncom.sun.mail.smtp.SMTPException: 550\n\n\tat a.B.c(B.java:1)\nCaused by: x.Y: z\n\t... 3 common frames omitted");
    whole("java", "org.acme.Bad: root\n\tat a.B.c(B.java:1)\nWrapped by: org.acme.Worse: outer\n\tat a.B.d(B.java:2)");
  }

  @Test void joinsCSharp() {
    whole("csharp", "Unhandled exception. System.InvalidOperationException: outer\n ---> System.ArgumentException: inner\n   at App.Inner() in /src/App.cs:line 3\n"
        + "   --- End of inner exception stack trace ---\n   at App.Main() in /src/App.cs:line 9");
    whole("csharp", "System.Exception: x\n   at A.B()\n--- End of stack trace from previous location ---\n   at A.C()");
  }

  @Test void joinsJavaScript() {
    String frames = "    at Object.<anonymous> (/srv/app.js:1:7)\n    at Module._compile (node:internal/modules/cjs/loader:1521:14)\n    at node:internal/main/run_main_module:28:49";
    whole("js", "TypeError: Cannot read properties of null (reading 'x')\n" + frames);
    whole("js", "/srv/app.js:1\nthrow new Error(\"boom\")\n^\n\nError: boom\n" + frames + "\n\nNode.js v20.20.2");
    whole("js", "/srv/app.js:1\nthrow new Error(\"two\")\n      ^\n\nError: line 1\nline 2\n" + frames + "\n\nNode.js v20.20.2");
    whole("js", "Timeout [Error]: x\n" + frames);
    whole("js", "Error: p\n" + frames + " {\n  code: 'E1'\n}");
    whole("js", "/srv/app.js:1\nthrow new Error(\"o\")\n^\n\nError: o\n    at Object.<anonymous> (/srv/app.js:1:7)\n    ... 4 lines matching cause stack trace ...\n"
        + "    at node:internal/main/run_main_module:28:49 {\n  [cause]: Error: i\n      at Object.<anonymous> (/srv/app.js:1:28)\n}\n\nNode.js v20.20.2");
    whole("js", "node:internal/process/promises:391\n    triggerUncaughtException(err, true /* fromPromise */);\n    ^\n\n[AggregateError: All promises were rejected] {\n"
        + "  [errors]: [\n    Error: a\n        at Object.<anonymous> (/srv/app.js:1:29)\n  ]\n}\n\nNode.js v20.20.2");
    whole("js", "/srv/app.js:1\nthrow 5\n^\n5\n(Use `node --trace-uncaught ...` to show where the exception was thrown)\n\nNode.js v20.20.2");
    whole("js", "Refused: no\n" + frames);
  }

  @Test void joinsPython() {
    String head = "Traceback (most recent call last):\n  File \"/srv/app.py\", line 3, in run\n    return x[\"b\"][\"c\"]\n           ~^^^^^\n";
    whole("python", head + "KeyError: 'b'");
    whole("python", head + "AssertionError");
    whole("python", head + "app.errors.Refused: card declined\n  by bank");
    whole("python", head + "ZeroDivisionError: division by zero\n\nDuring handling of the above exception, another exception occurred:\n\n" + head + "KeyError: 'k'");
    whole("python", head + "ValueError: one\ntwo\n\nThe above exception was the direct cause of the following exception:\n\n" + head + "KeyError: 'k'");
    whole("python", "Traceback (most recent call last):\n  File \"a.py\", line 1, in f\n    f()\n  [Previous line repeated 995 more times]\nRecursionError: maximum recursion depth exceeded");
    whole("python", "Traceback (most recent call last):\n  File \"<string>\", line 1\n    a b\n      ^\nSyntaxError: invalid syntax");
    String group = "  + Exception Group Traceback (most recent call last):\n  |   File \"a.py\", line 3, in run\n  |     f()\n  |     ^^^\n  | ExceptionGroup: eg (2 sub-exceptions)\n"
        + "  +-+---------------- 1 ----------------\n    | ValueError: a\n    +---------------- 2 ----------------\n    | TypeError: b\n    +------------------------------------";
    whole("python", group);
    whole("python", group + "\n\nThe above exception was the direct cause of the following exception:\n\n" + head + "RuntimeError: outer");
  }

  @Test void joinsGo() {
    String frames = "goroutine 1 [running]:\nmain.main()\n\t/srv/main.go:9 +0x6f\ncreated by main.start in goroutine 7\n\t/srv/main.go:5 +0x58";
    whole("go", "panic: no way\n\n" + frames);
    whole("go", "panic: first [recovered]\n\tpanic: second\n\n" + frames + "\n\ngoroutine 2 gp=0xc000007c00 m=nil [chan receive, 2 minutes]:\nruntime.gopark(0x1, ...)\n\t/go/proc.go:280 +0x1");
    whole("go", "panic: runtime error: invalid memory address\n[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x7f]\n\n" + frames);
    whole("go", "fatal error: all goroutines are asleep - deadlock!\n\n" + frames);
    whole("go", "2026/01/01 12:00:00 http: panic serving [::1]:54143: boom\n" + frames);
  }

  @Test void joinsRuby() {
    whole("ruby", "/srv/t.rb:2:in `/': divided by 0 (ZeroDivisionError)\n\tfrom /srv/t.rb:2:in `a'\n\tfrom /srv/t.rb:5:in `<main>'");
    whole("ruby", "/srv/t.rb:2:in 'Integer#/': divided by 0 (ZeroDivisionError)\n\tfrom /srv/t.rb:2:in 'Object#a'\n\tfrom /srv/t.rb:5:in '<main>'");
    whole("ruby", "/srv/t.rb:2:in `a': one (RuntimeError)\ntwo\n\tfrom /srv/t.rb:5:in `<main>'");
    whole("ruby", "Traceback (most recent call last):\n\t2: from t.rb:7:in `<main>'\n\t1: from t.rb:5:in `b'\nt.rb:2:in `a': boom (RuntimeError)");
    whole("ruby", "E, [2026-01-01T12:00:00.1 #1] ERROR -- : boom (Shop::Refused)\nt.rb:2:in `a'\nt.rb:5:in `<main>'");
    whole("ruby", " ActionController::RoutingError (No route matches [GET] \"/x\"):\n  \n  actionpack (5.1.4) lib/a.rb:63:in `call'\n  app/b.rb:2:in `c'");
  }

  @Test void joinsPhp() {
    whole("php", "exception 'Exception' with message 'Custom' in /srv/t.php:5\nStack trace:\n#0 /srv/t.php(9): f()\n#1 {main}");
    whole("php", "PHP Fatal error:  Uncaught RuntimeException: inner in /srv/t.php:5\nStack trace:\n#0 /srv/t.php(9): f()\n#1 {main}\n\nNext Refused: outer in /srv/t.php:7\n"
        + "Stack trace:\n#0 {main}\n  thrown in /srv/t.php on line 7");
  }

  @Test void joinsDart() {
    String frames = "#0      main.<anonymous closure> (file:///a.dart:15:20)\n<asynchronous suspension>\n#1      main (file:///a.dart:15:3)";
    whole("dart", "Unhandled exception:\nInstance of 'MyError'\n" + frames);
    whole("dart", "Unhandled exception:\nFormatException: Invalid base64 data (at line 3, character 8)\nthis is not valid\n       ^\n\n" + frames);
  }

  @Test void joinsRust() {
    whole("rust", "thread 'main' panicked at src/main.rs:2:5:\nindex out of bounds\nnote: run with `RUST_BACKTRACE=1` environment variable to display a backtrace");
    whole("rust", "thread 'main' (4711) panicked at src/main.rs:2:5:\none\ntwo\nstack backtrace:\n   0: rust_begin_unwind\n             at /rustc/x/library/std/src/panicking.rs:645:5\n"
        + "   1: main::main\nnote: Some details are omitted, run with `RUST_BACKTRACE=full` for a verbose backtrace.");
    whole("rust", "thread 'worker' panicked at 'boom', src/main.rs:2:5\nnote: run with `RUST_BACKTRACE=1` environment variable to display a backtrace");
  }
}
