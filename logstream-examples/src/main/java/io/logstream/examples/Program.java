package io.logstream.examples;

import io.logstream.Ledger;
import io.logstream.PipelineException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How an example is a program. {@code --help} says how it is called. Wrong arguments are told with what is right and end it with status 2, what
 * goes wrong afterwards with status 1; either in a sentence, without a stack trace.
 */
final class Program {
  private final String name;
  private final String usage;

  private Program(String usage) {
    this.usage = usage;
    name = usage.substring(0, (usage + ' ').indexOf(' '));
  }

  /** By its name and what follows it on the command line. */
  static Program of(String usage) {
    return new Program(usage);
  }

  /** What a program does with its arguments. */
  interface Work {
    void run(List<String> args) throws Exception;
  }

  /** Arguments that the program does not take. */
  static final class WrongUsage extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    WrongUsage(String message) {
      super(message);
    }
  }

  /** Options, each with the value behind it, and the other arguments; behind {@code --} there are no options. */
  record Given(Map<String, String> options, List<String> rest) {
    static Given of(List<String> args, String... names) {
      Map<String, String> options = new HashMap<>();
      List<String> rest = new ArrayList<>();
      int end = args.contains("--") ? args.indexOf("--") : args.size();
      for (int i = 0; i < end; i++) {
        String arg = args.get(i);
        if (!arg.startsWith("--")) {
          rest.add(arg);
        } else if (!List.of(names).contains(arg)) {
          throw new WrongUsage("there is no option " + arg + (names.length == 0 ? "" : "; there are " + String.join(", ", names)));
        } else if (i + 1 == end) {
          throw new WrongUsage(arg + " is followed by nothing");
        } else if (options.put(arg, args.get(++i)) != null) {
          throw new WrongUsage(arg + " is given twice");
        }
      }
      rest.addAll(args.subList(Math.min(end + 1, args.size()), args.size()));
      return new Given(options, rest);
    }

    Instant time(String option) {
      return options.containsKey(option) ? Program.time(option, options.get(option)) : null;
    }
  }

  /** A time such as {@code 2026-11-20T10:00:00Z}. */
  static Instant time(String name, String text) {
    try {
      return Instant.parse(text);
    } catch (DateTimeParseException e) {
      throw new WrongUsage(name + " takes a time such as 2026-11-20T10:00:00Z, was " + text);
    }
  }

  /** A ledger that does not add up is a failure of the program. */
  static void checkBalance(Ledger ledger) {
    if (!ledger.balances()) {
      throw new IllegalStateException("the ledger does not balance: " + ledger.imbalances());
    }
  }

  /** Does it, with so many arguments, none of them an option; ends the process if anything goes wrong. */
  void run(String[] args, int least, int most, Work work) {
    run(args, counted(least, most, work));
  }

  static Work counted(int least, int most, Work work) {
    return args -> {
      List<String> given = Given.of(args).rest();
      if (given.size() < least || given.size() > most) {
        String wanted = most == 0 ? "no arguments" : least == most ? least + " arguments" : most == Integer.MAX_VALUE ? "at least " + least + " arguments" : least + " to " + most + " arguments";
        throw new WrongUsage("takes " + wanted + ", was given " + (given.isEmpty() ? "none" : given.size()));
      }
      work.run(given);
    };
  }

  /** Does it, and ends the process if anything goes wrong. */
  void run(String[] args, Work work) {
    int status = run(List.of(args), work, System.out, System.err);
    System.out.flush();
    if (status != 0) {
      System.exit(status);
    }
  }

  /** The status that the process should end with. */
  int run(List<String> args, Work work, PrintStream out, PrintStream err) {
    if (!args.isEmpty() && List.of("--help", "-h").contains(args.get(0))) {
      out.println("usage: " + usage);
      return 0;
    }
    try {
      work.run(args);
      return 0;
    } catch (WrongUsage e) {
      return told(err, e.getMessage() + "\nusage: " + usage, 2);
    } catch (IllegalArgumentException e) {
      return told(err, e.getMessage(), 2);
    } catch (PipelineException | IllegalStateException | UncheckedIOException e) {
      return told(err, e.getMessage(), 1);
    } catch (NoSuchFileException e) {
      return told(err, "there is no file " + e.getMessage(), 2);
    } catch (AccessDeniedException e) {
      return told(err, "may not open " + e.getMessage(), 1);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 1;
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      return told(err, e.toString(), 1);
    }
  }

  private int told(PrintStream err, String what, int status) {
    err.println(name + ": " + what);
    return status;
  }
}
