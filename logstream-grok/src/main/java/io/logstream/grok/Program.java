package io.logstream.grok;

import io.logstream.grok.Syntax.How;
import io.logstream.grok.Syntax.Source;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A pattern as steps over well-formed UTF-8, which give exactly what {@code java.util.regex} gives. It is made from its end to its
 * beginning, so that of each step it is known what can follow; from that come the shortcuts:
 *
 * <ul>
 *   <li>a run of a class never gives back where what follows cannot begin with a character of the class;
 *   <li>a choice looks at the next byte, and remembers only alternatives that can begin with it;
 *   <li>where nothing that follows can fail, nothing is remembered;
 *   <li>an atomic group in which nothing is remembered, and no group is set, disappears.
 * </ul>
 *
 * <p>Groups are set and undone where {@code java.util.regex} does so, also where that is odd: what an atomic group or a look-ahead has
 * set stays set when something behind it fails. What cannot be had exactly is refused with {@link Unsupported}. Immutable when made.
 */
final class Program {
  /** Why a pattern cannot be made into steps. */
  static final class Unsupported extends Exception {
    private static final long serialVersionUID = 1;

    Unsupported(String why) {
      super(why, null, false, false);
    }
  }

  private static final int MOST_STEPS = 60_000;
  private static final int MOST_UNROLLED = 16;

  /** All steps, each at its {@link Step#id}. */
  final Step[] steps;
  final Step start;
  final int groups;
  /** How many numbers a match keeps: two for each group, with the whole first, and some of its own. */
  final int slots;
  /** How many rows the notes of what was tried have. */
  final int memos;
  /** For each byte, whether a match can begin with it. */
  final boolean[] begins;
  final boolean beginsAtEnd;
  /** A match begins at the beginning of a line only. */
  final boolean atLineBegin;
  /** If there is no match at the first place, there is none. */
  final boolean once;
  /** A run of which every match begins with as many as there are: none begins inside one where the match at its beginning failed. Null for none. */
  final CharSet leading;
  /** Bytes that every match contains; null if none are known. */
  final byte[] required;

  private Program(Maker maker, Step start, Syntax syntax) {
    this.start = Maker.landed(start);
    this.steps = maker.numbered(this.start);
    this.groups = maker.groups;
    this.slots = maker.slots;
    this.memos = maker.memos;
    this.begins = start.first.table();
    this.beginsAtEnd = start.first.has(First.END);
    this.atLineBegin = beginning(syntax) instanceof Syntax.Anchor anchor && anchor.place() == Syntax.Place.LINE_BEGIN;
    this.once = beginning(syntax) instanceof Syntax.Repeat run && run.body() instanceof Syntax.Chars chars && chars.set().isAny()
            && run.least() == 0 && run.most() == Syntax.NO_LIMIT && run.how() != How.POSSESSIVE
        || beginning(syntax) instanceof Syntax.Anchor begin && begin.place() == Syntax.Place.BEGIN;
    this.leading = beginning(syntax) instanceof Syntax.Repeat lead && Syntax.bare(lead.body()) instanceof Syntax.Chars chars && lead.least() <= 1
        && lead.most() == Syntax.NO_LIMIT ? chars.set() : null;
    this.required = Literals.longest(syntax);
  }

  /**
   * Makes the steps.
   *
   * @throws Unsupported with the reason, if it has what cannot be done here
   */
  static Program of(Syntax syntax, int groups) throws Unsupported {
    Maker maker = new Maker(groups);
    try {
      Step accept = new Step(Step.ACCEPT, null, First.all(), true, null);
      return new Program(maker, maker.make(syntax, accept, Where.TOP), syntax);
    } catch (StackOverflowError e) {
      throw new Unsupported("it is nested too deeply");
    }
  }

  /** What every match begins with, groups aside. */
  private static Syntax beginning(Syntax syntax) {
    Syntax at = syntax;
    while (true) {
      if (at instanceof Syntax.Group group) {
        at = group.body();
      } else if (at instanceof Syntax.Sequence sequence && !sequence.parts().isEmpty()) {
        at = sequence.parts().get(0);
      } else {
        return at;
      }
    }
  }

  /**
   * Whether what is made may be left out, and may come again; and whether the place alone decides what follows from it, so that it
   * need not be tried twice at the same: not where the end of an atomic group or a count decides as well.
   */
  private record Where(boolean perhaps, boolean again, boolean noted, boolean kept) {
    static final Where TOP = new Where(false, false, true, false);

    Where perhaps(boolean also) {
      return new Where(true, again || also, noted, kept);
    }

    Where counted() {
      return new Where(true, true, false, kept);
    }

    /** Inside an atomic group or a look-around: java.util.regex does not undo groups that are set there. */
    Where inside() {
      return new Where(perhaps, again, false, true);
    }
  }

  /** One making of a program. */
  private static final class Maker {
    private final int groups;
    private int slots;
    private int made;
    private int memos;

    /** How many steps that remember something there are. */
    private int choices;

    Maker(int groups) {
      this.groups = groups;
      this.slots = 2 * (groups + 1);
    }

    private Step step(int kind, Step next, First first, boolean sure, Source source) throws Unsupported {
      if (++made > MOST_STEPS) {
        throw new Unsupported("it would have more than " + MOST_STEPS + " steps");
      }
      return new Step(kind, next, first, sure, source);
    }

    private int twoSlots() {
      slots += 2;
      return slots - 2;
    }

    Step make(Syntax node, Step next, Where where) throws Unsupported {
      if (node instanceof Syntax.Chars chars) {
        return one(chars, next);
      }
      if (node instanceof Syntax.Sequence sequence) {
        Step at = next;
        for (int i = sequence.parts().size() - 1; i >= 0; i--) {
          at = make(sequence.parts().get(i), at, where);
        }
        return at;
      }
      if (node instanceof Syntax.Choice choice) {
        List<Step> options = new ArrayList<>();
        for (Syntax option : choice.options()) {
          options.add(make(option, next, where.perhaps(false)));
        }
        return choose(options, choice.source());
      }
      if (node instanceof Syntax.Repeat repeat) {
        return repeat(repeat, next, where);
      }
      if (node instanceof Syntax.Group group) {
        return group(group, next, where);
      }
      if (node instanceof Syntax.Atomic atomic) {
        return atomic(atomic.body(), next, where, atomic.source());
      }
      if (node instanceof Syntax.Look look) {
        return look.behind() ? behind(look, next, where) : ahead(look, next, where);
      }
      if (node instanceof Syntax.Anchor anchor) {
        return anchor(anchor, next);
      }
      throw new Unsupported("it has " + ((Syntax.Foreign) node).regex());
    }

    // -------------------------------------------------------------- characters

    private Step one(Syntax.Chars chars, Step next) throws Unsupported {
      CharSet set = chars.set();
      if (set.only() < 0) {
        Step one = step(Step.ONE, next, set.first(), false, chars.source());
        one.set = set;
        return one;
      }
      byte[] bytes = Character.toString(set.only()).getBytes(java.nio.charset.StandardCharsets.UTF_8);
      Source source = chars.source();
      Step behind = next;
      if (next.kind == Step.LITERAL && joins(source, next.source)) {
        byte[] both = Arrays.copyOf(bytes, bytes.length + next.bytes.length);
        System.arraycopy(next.bytes, 0, both, bytes.length, next.bytes.length);
        bytes = both;
        source = new Source(source.text(), source.from(), next.source.to());
        behind = next.next;
      }
      Step literal = step(Step.LITERAL, behind, set.first(), false, source);
      literal.bytes = bytes;
      return literal;
    }

    private static boolean joins(Source source, Source next) {
      return source != null && next != null && source.text() == next.text() && source.to() == next.from();
    }

    private Step run(CharSet set, Syntax.Repeat repeat, Step next, Where where) throws Unsupported {
      boolean apart = next.sure || set.first().isDisjoint(next.first) || repeat.how() != How.LAZY && repeat.least() > 0 && isWord(set) && boundaryFollows(next);
      boolean full = repeat.how() == How.POSSESSIVE || repeat.how() == How.GREEDY && apart
          || repeat.how() == How.LAZY && !next.sure && apart || repeat.least() == repeat.most();
      First first = repeat.least() > 0 ? set.first() : set.first().or(next.first);
      if (repeat.how() == How.LAZY && next.sure) {
        first = repeat.least() > 0 ? set.first() : First.all();
      }
      int kind = full ? Step.RUN : repeat.how() == How.LAZY ? Step.RUN_LAZY : Step.RUN_BACK;
      Step run = step(kind, next, first, repeat.least() == 0 && next.sure, repeat.source());
      run.set = set;
      run.least = repeat.least();
      run.most = repeat.most();
      if (kind == Step.RUN_LAZY && next.sure) {
        run.kind = Step.RUN;
        run.most = repeat.least();
      } else if (kind != Step.RUN) {
        choices++;
        run.until = next.first.isAll() ? null : next.first.table();
        run.lazy = next.first.has(First.END);
        run.other = step(kind == Step.RUN_LAZY ? Step.TAKE_MORE : Step.GIVE_BACK, next, first, false, repeat.source());
        run.other.set = set;
        run.other.least = run.least;
        run.other.most = run.most;
        run.other.until = run.until;
        run.other.lazy = run.lazy;
        if (where.noted && run.most == Syntax.NO_LIMIT) {
          run.memo = memos++;
          run.other.memo = run.memo;
        }
      }
      return run;
    }

    /** Whether all its characters are such as words are made of. */
    private static boolean isWord(CharSet set) {
      for (int c = 0; c < 0x80; c++) {
        if (set.table[c] == CharSet.IN && !(Character.isLetterOrDigit(c) || c == '_')) {
          return false;
        }
      }
      return set.beyond() == CharSet.Beyond.NONE;
    }

    private static boolean boundaryFollows(Step next) {
      Step at = next;
      while (at.kind >= Step.OPEN && at.kind <= Step.CLOSE_UNDONE || at.kind == Step.JUMP && at.next != null) {
        at = at.next;
      }
      return at.kind == Step.BOUNDARY;
    }

    // -------------------------------------------------------------- choices

    /** Goes the first of these ways that leads to a match, looking at the next byte. */
    private Step choose(List<Step> options, Source source) throws Unsupported {
      if (options.size() == 1) {
        return options.get(0);
      }
      First first = new First();
      boolean sure = true;
      for (Step option : options) {
        first = first.or(option.first);
      }
      Map<BitSet, Step> tries = new HashMap<>();
      Step[] targets = new Step[First.SIZE];
      for (int c = 0; c < First.SIZE; c++) {
        BitSet viable = new BitSet(options.size());
        for (int i = 0; i < options.size(); i++) {
          if (options.get(i).first.has(c)) {
            viable.set(i);
            if (options.get(i).sure) {
              break;
            }
          }
        }
        targets[c] = tries(options, viable, tries, first, source);
        sure &= targets[c] != null && targets[c].sure;
      }
      if (Arrays.stream(targets).allMatch(target -> target == targets[0])) {
        return targets[0] == null ? step(Step.FAIL, null, first, false, source) : targets[0];
      }
      Step choose = step(Step.SWITCH, null, first, sure, source);
      choose.toEnd = options.stream().mapToInt(option -> option.toEnd).max().orElse(0);
      choose.targets = targets;
      return choose;
    }

    private Step tries(List<Step> options, BitSet viable, Map<BitSet, Step> made, First first, Source source) throws Unsupported {
      int next = viable.nextSetBit(0);
      if (next < 0 || viable.nextSetBit(next + 1) < 0) {
        return next < 0 ? null : options.get(next);
      }
      Step ready = made.get(viable);
      if (ready == null) {
        BitSet others = (BitSet) viable.clone();
        others.clear(next);
        Step rest = tries(options, others, made, first, source);
        ready = step(Step.TRY, options.get(next), first, rest.sure, source);
        ready.other = rest;
        ready.toEnd = Math.max(ready.toEnd, rest.toEnd);
        choices++;
        made.put(viable, ready);
      }
      return ready;
    }

    // -------------------------------------------------------------- repetitions

    private Step repeat(Syntax.Repeat repeat, Step next, Where where) throws Unsupported {
      Syntax body = Syntax.bare(repeat.body());
      int least = repeat.least();
      int most = repeat.most();
      if (body instanceof Syntax.Repeat inner && inner.how() == How.GREEDY && repeat.how() == How.GREEDY && Syntax.bare(inner.body()) instanceof Syntax.Chars chars
          && least <= 1 && most == Syntax.NO_LIMIT && inner.least() <= 1 && inner.most() >= 1) {
        return repeat(new Syntax.Repeat(chars, Math.min(least, inner.least()), most, How.GREEDY, repeat.source()), next, where);
      }
      if (most == 0) {
        return next;
      }
      if (body instanceof Syntax.Chars chars && most > 1) {
        return run(chars.set(), repeat, next, where);
      }
      if (least == 1 && most == 1) {
        return make(body, next, where);
      }
      if (repeat.how() == How.POSSESSIVE) {
        Syntax each = most == 1 ? body : new Syntax.Atomic(body, repeat.source());
        return atomic(new Syntax.Repeat(each, least, most, How.GREEDY, repeat.source()), next, where, repeat.source());
      }
      boolean lazy = repeat.how() == How.LAZY;
      if (least == 0 && most == 1) {
        Step taken = make(body, next, where.perhaps(false));
        return choose(lazy ? List.of(next, taken) : List.of(taken, next), repeat.source());
      }
      refuseOddGroups(body);
      boolean nullable = isNullable(body);
      if (!nullable && most == Syntax.NO_LIMIT && least <= 1) {
        return loop(body, repeat, next, where);
      }
      if (!nullable && most < Syntax.NO_LIMIT && !hasGroups(body) && size(body) * most <= MOST_UNROLLED) {
        Step at = next;
        for (int i = most; i > least; i--) {
          Step taken = make(body, at, where);
          at = choose(lazy ? List.of(next, taken) : List.of(taken, next), repeat.source());
        }
        for (int i = 0; i < least; i++) {
          at = make(body, at, where);
        }
        return at;
      }
      return counted(body, repeat, next, where);
    }

    private Step loop(Syntax body, Syntax.Repeat repeat, Step next, Where where) throws Unsupported {
      First first = first(body, First.all()).or(next.first);
      Step head = step(Step.JUMP, null, first, false, repeat.source());
      head.toEnd = next.toEnd + 1;
      int before = choices;
      Step taken = make(body, head, where.perhaps(true));
      head.next = choose(repeat.how() == How.LAZY ? List.of(next, taken) : List.of(taken, next), repeat.source());
      if (where.noted && choices > before) {
        head.kind = Step.ONCE;
        head.memo = memos++;
      }
      return repeat.least() == 1 ? taken : head;
    }

    private Step counted(Syntax body, Syntax.Repeat repeat, Step next, Where where) throws Unsupported {
      First bodyFirst = first(body, First.all());
      boolean nullable = isNullable(body);
      First first = nullable ? First.all() : repeat.least() > 0 ? bodyFirst : bodyFirst.or(next.first);
      int slot = twoSlots();
      choices++;
      Step loop = step(Step.LOOP, next, nullable ? First.all() : bodyFirst.or(next.first), false, repeat.source());
      Step around = step(Step.AROUND, next, loop.first, false, repeat.source());
      around.other = loop;
      loop.other = make(body, around, where.counted());
      loop.least = repeat.least();
      loop.most = repeat.most();
      loop.lazy = repeat.how() == How.LAZY;
      loop.until = next.first.table();
      loop.wanted = next.first.has(First.END);
      loop.slot = slot;
      around.slot = slot;
      if (loop.lazy) {
        Step more = step(Step.LOOP_MORE, loop.other, loop.first, false, repeat.source());
        more.slot = slot;
        loop.targets = new Step[] {more};
      }
      Step count = step(Step.COUNT, loop, first, false, repeat.source());
      count.slot = slot;
      return count;
    }

    /** Groups inside a repetition that java.util.regex does not set back one by one, so that stale ones can be seen. */
    private static void refuseOddGroups(Syntax body) throws Unsupported {
      if (hasGroups(body) && (isOneWay(body) || body instanceof Syntax.Atomic || body instanceof Syntax.Look)) {
        throw new Unsupported("it repeats what has captures in it");
      }
    }

    /** Whether java.util.regex repeats this without remembering how each time went. */
    private static boolean isOneWay(Syntax node) {
      if (node instanceof Syntax.Sequence sequence) {
        return sequence.parts().stream().allMatch(Maker::isOneWay);
      }
      if (node instanceof Syntax.Group group) {
        return isOneWay(group.body());
      }
      if (node instanceof Syntax.Repeat repeat) {
        return repeat.least() == repeat.most() && isOneWay(repeat.body());
      }
      return !(node instanceof Syntax.Choice || node instanceof Syntax.Atomic);
    }

    // -------------------------------------------------------------- groups

    private Step group(Syntax.Group group, Step next, Where where) throws Unsupported {
      if (where.perhaps && where.kept) {
        throw new Unsupported("an atomic group or look-around has a capture that may be absent");
      }
      int kind = where.perhaps ? Step.CLOSE_UNDONE : Step.CLOSE;
      Step close = step(kind, next, next.first, next.sure, group.source());
      close.slot = 2 * group.number();
      choices += where.perhaps ? 1 : 0;
      Step body = make(group.body(), close, where);
      Step open = step(where.perhaps ? Step.OPEN_AGAIN : Step.OPEN, body, body.first, body.sure, group.source());
      open.slot = close.slot;
      if (where.perhaps) {
        open.slot = twoSlots();
        close.noted = open.slot;
        open.wanted = where.again;
      }
      return open;
    }

    private Step atomic(Syntax body, Step next, Where where, Source source) throws Unsupported {
      int before = choices;
      Step cut = step(Step.CUT, next, First.all(), true, source);
      Step inside = make(body, cut, where.inside());
      First first = first(body, next.first);
      boolean sure = inside.sure && next.sure;
      if (choices == before) {
        cut.kind = Step.JUMP;
        Step jump = step(Step.JUMP, inside, first, sure, source);
        return jump;
      }
      cut.slot = twoSlots();
      Step mark = step(Step.MARK, inside, first, sure, source);
      mark.slot = cut.slot;
      return mark;
    }

    private Step ahead(Syntax.Look look, Step next, Where where) throws Unsupported {
      First first = first(look, next.first);
      if (Syntax.bare(look.body()) instanceof Syntax.Chars chars) {
        return peek(Step.PEEK, chars.set(), look, next, first);
      }
      if (look.wanted()) {
        Step looked = step(Step.LOOKED, next, First.all(), true, look.source());
        looked.slot = twoSlots();
        choices++;
        Step inside = make(look.body(), looked, where.inside());
        Step begin = step(Step.LOOK, inside, first, false, look.source());
        begin.slot = looked.slot;
        return begin;
      }
      return not(look.body(), 0, look, next, where, first);
    }

    private Step not(Syntax body, int back, Syntax.Look look, Step next, Where where, First first) throws Unsupported {
      Step looked = step(Step.LOOKED_NOT, null, First.all(), true, look.source());
      looked.toEnd = next.toEnd + 1;
      looked.slot = twoSlots();
      choices++;
      Step inside = back(back, make(body, looked, where.perhaps(false).inside()), look);
      Step begin = step(Step.LOOK_NOT, inside, first, false, look.source());
      begin.slot = looked.slot;
      begin.other = next;
      return begin;
    }

    private Step back(int characters, Step next, Syntax.Look look) throws Unsupported {
      Step back = step(Step.BACK, next, First.all(), false, look.source());
      back.least = characters;
      return back;
    }

    private Step peek(int kind, CharSet set, Syntax.Look look, Step next, First first) throws Unsupported {
      Step peek = step(kind, next, first, false, look.source());
      peek.set = set;
      peek.wanted = look.wanted();
      return peek;
    }

    private Step behind(Syntax.Look look, Step next, Where where) throws Unsupported {
      Syntax body = Syntax.bare(look.body());
      if (body instanceof Syntax.Chars chars) {
        return peek(Step.PEEK_BACK, chars.set(), look, next, next.first);
      }
      if (hasGroups(body)) {
        throw new Unsupported("it has captures in a look-behind");
      }
      if (body instanceof Syntax.Choice choice) {
        if (look.wanted()) {
          List<Syntax> looks = new ArrayList<>();
          choice.options().forEach(option -> looks.add(new Syntax.Look(true, true, option, look.source())));
          return make(new Syntax.Choice(looks, look.source()), next, where);
        }
        Step at = next;
        for (int i = choice.options().size() - 1; i >= 0; i--) {
          at = make(new Syntax.Look(true, false, choice.options().get(i), look.source()), at, where);
        }
        return at;
      }
      int length = length(body);
      if (length < 0) {
        throw new Unsupported("it looks behind for something of no certain length");
      }
      if (!look.wanted()) {
        return not(body, length, look, next, where, next.first);
      }
      Step looked = step(Step.LOOKED, next, First.all(), true, look.source());
      looked.slot = twoSlots();
      choices++;
      Step begin = step(Step.LOOK, back(length, make(body, looked, where.inside()), look), next.first, false, look.source());
      begin.slot = looked.slot;
      return begin;
    }

    private Step anchor(Syntax.Anchor anchor, Step next) throws Unsupported {
      int kind = switch (anchor.place()) {
        case LINE_BEGIN -> Step.LINE_BEGIN;
        case LINE_END -> Step.LINE_END;
        case BEGIN -> Step.BEGIN;
        case END -> Step.END;
        case LAST_LINE_END -> Step.LAST_LINE_END;
        case BOUNDARY -> Step.BOUNDARY;
        case NO_BOUNDARY -> Step.NO_BOUNDARY;
      };
      return step(kind, next, first(anchor, next.first), false, anchor.source());
    }

    // -------------------------------------------------------------- the end

    /** Takes out the jumps, and numbers what can be reached, each step before those that follow it as far as possible. */
    Step[] numbered(Step start) {
      List<Step> all = new ArrayList<>();
      Deque<Step> open = new ArrayDeque<>();
      Set<Step> seen = Collections.newSetFromMap(new IdentityHashMap<>());
      open.push(start);
      while (!open.isEmpty()) {
        Step step = open.pop();
        if (!seen.add(step)) {
          continue;
        }
        step.id = all.size();
        all.add(step);
        step.next = landed(step.next);
        step.other = landed(step.other);
        if (step.targets != null) {
          Set<Step> targets = Collections.newSetFromMap(new IdentityHashMap<>());
          for (int i = 0; i < step.targets.length; i++) {
            step.targets[i] = landed(step.targets[i]);
            if (step.targets[i] != null && targets.add(step.targets[i])) {
              open.push(step.targets[i]);
            }
          }
        }
        if (step.other != null) {
          open.push(step.other);
        }
        if (step.next != null) {
          open.push(step.next);
        }
      }
      return all.toArray(Step[]::new);
    }

    private static Step landed(Step step) {
      Step at = step;
      while (at != null && at.kind == Step.JUMP) {
        at = at.next;
      }
      return at;
    }
  }

  // ---------------------------------------------------------------- what is known of a syntax

  /** What this can begin with if that can follow. */
  static First first(Syntax node, First next) {
    if (node instanceof Syntax.Chars chars) {
      return chars.set().first();
    }
    if (node instanceof Syntax.Sequence sequence) {
      First at = next;
      for (int i = sequence.parts().size() - 1; i >= 0; i--) {
        at = first(sequence.parts().get(i), at);
      }
      return at;
    }
    if (node instanceof Syntax.Choice choice) {
      First all = new First();
      for (Syntax option : choice.options()) {
        all = all.or(first(option, next));
      }
      return all;
    }
    if (node instanceof Syntax.Repeat repeat) {
      First taken = repeat.most() == 0 ? next : first(repeat.body(), next);
      return repeat.least() > 0 ? taken : taken.or(next);
    }
    if (node instanceof Syntax.Group group) {
      return first(group.body(), next);
    }
    if (node instanceof Syntax.Atomic atomic) {
      return first(atomic.body(), next);
    }
    if (node instanceof Syntax.Look look) {
      if (look.behind()) {
        return next;
      }
      if (look.wanted()) {
        return first(look.body(), First.all()).and(next);
      }
      return Syntax.bare(look.body()) instanceof Syntax.Chars chars ? next.without(surely(chars.set())) : next;
    }
    if (node instanceof Syntax.Anchor anchor) {
      return switch (anchor.place()) {
        case LINE_BEGIN -> next.without(new First().add(First.END));
        case LINE_END, LAST_LINE_END -> next.and(new First().add('\n').add(First.END));
        case END -> next.and(new First().add(First.END));
        default -> next;
      };
    }
    return First.all();
  }

  /** The bytes that can only begin a character of the class. */
  private static First surely(CharSet set) {
    First surely = new First();
    for (int c = 0; c < 256; c++) {
      if (set.table[c] == CharSet.IN) {
        surely.add(c);
      }
    }
    return surely;
  }

  static boolean isNullable(Syntax node) {
    if (node instanceof Syntax.Chars) {
      return false;
    }
    if (node instanceof Syntax.Sequence sequence) {
      return sequence.parts().stream().allMatch(Program::isNullable);
    }
    if (node instanceof Syntax.Choice choice) {
      return choice.options().stream().anyMatch(Program::isNullable);
    }
    if (node instanceof Syntax.Repeat repeat) {
      return repeat.least() == 0 || isNullable(repeat.body());
    }
    if (node instanceof Syntax.Group group) {
      return isNullable(group.body());
    }
    return !(node instanceof Syntax.Atomic atomic) || isNullable(atomic.body());
  }

  static boolean hasGroups(Syntax node) {
    if (node instanceof Syntax.Sequence sequence) {
      return sequence.parts().stream().anyMatch(Program::hasGroups);
    }
    if (node instanceof Syntax.Choice choice) {
      return choice.options().stream().anyMatch(Program::hasGroups);
    }
    if (node instanceof Syntax.Repeat repeat) {
      return hasGroups(repeat.body());
    }
    if (node instanceof Syntax.Atomic atomic) {
      return hasGroups(atomic.body());
    }
    if (node instanceof Syntax.Look look) {
      return hasGroups(look.body());
    }
    return node instanceof Syntax.Group;
  }

  private static int size(Syntax node) {
    if (node instanceof Syntax.Sequence sequence) {
      return sequence.parts().stream().mapToInt(Program::size).sum();
    }
    if (node instanceof Syntax.Choice choice) {
      return 1 + choice.options().stream().mapToInt(Program::size).sum();
    }
    if (node instanceof Syntax.Repeat repeat) {
      return 1 + size(repeat.body());
    }
    if (node instanceof Syntax.Group group) {
      return 2 + size(group.body());
    }
    if (node instanceof Syntax.Atomic atomic) {
      return 2 + size(atomic.body());
    }
    return node instanceof Syntax.Look look ? 2 + size(look.body()) : 1;
  }

  /** How many characters it takes; -1 if that is not certain. */
  private static int length(Syntax node) {
    if (node instanceof Syntax.Chars) {
      return 1;
    }
    if (node instanceof Syntax.Sequence sequence) {
      int sum = 0;
      for (Syntax part : sequence.parts()) {
        int length = length(part);
        if (length < 0) {
          return -1;
        }
        sum += length;
      }
      return sum;
    }
    if (node instanceof Syntax.Choice choice) {
      int length = length(choice.options().get(0));
      return choice.options().stream().allMatch(option -> length(option) == length) ? length : -1;
    }
    if (node instanceof Syntax.Repeat repeat) {
      int length = length(repeat.body());
      return length >= 0 && repeat.least() == repeat.most() && repeat.least() < 1000 ? length * repeat.least() : -1;
    }
    if (node instanceof Syntax.Group group) {
      return length(group.body());
    }
    if (node instanceof Syntax.Atomic atomic) {
      return length(atomic.body());
    }
    return node instanceof Syntax.Foreign ? -1 : 0;
  }
}
