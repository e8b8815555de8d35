package io.logstream.grok;

import io.logstream.grok.Program.Unsupported;
import io.logstream.grok.Syntax.How;
import io.logstream.grok.Syntax.Source;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** One making of the steps of a {@link Program}, from its end to its beginning. */
final class Maker {
  private static final int MOST_STEPS = 60_000;
  private static final int MOST_UNROLLED = 16;

  /** So many groups are cleared by each way that leaves them out; where there are more, it costs less to set back those that were set. */
  private static final int MOST_CLEARED = 8;

  /**
   * Whether what is made may be left out, and may come again; and whether the place alone decides what follows from it, so that it
   * need not be tried twice at the same: not where the end of an atomic group or a count decides as well. And the bytes that can stand
   * before it.
   */
  record Where(boolean perhaps, boolean undone, boolean again, boolean noted, boolean kept, First before) {
    static final Where TOP = new Where(false, false, false, true, false, First.all());

    /** What may be left out; groups in it are cleared where it is. */
    Where optional() {
      return new Where(true, undone, again, noted, kept, before);
    }

    /** What may be left out; groups in it are set back when the way here fails. */
    Where tried(boolean also) {
      return new Where(true, true, again || also, noted, kept, before);
    }

    Where counted() {
      return new Where(true, true, true, false, kept, before);
    }

    /** Inside an atomic group or a look-around: java.util.regex does not undo groups that are set there. */
    Where inside() {
      return new Where(perhaps, undone, again, false, true, before);
    }

    Where behind(First bytes) {
      return new Where(perhaps, undone, again, noted, kept, bytes);
    }

    /** Inside a repetition. */
    Where repeated(Syntax.Repeat repeat) {
      return repeat.most() > 1 ? behind(before.or(Facts.last(repeat.body(), before))) : this;
    }
  }

  final int groups;
  int slots;
  private int made;
  int memos;

  /** How many steps that remember something there are. */
  private int choices;

  /** By the node itself: nodes that read alike may be far from cheap to compare. */
  private final Map<Syntax, BitSet> groupsIn = new IdentityHashMap<>();

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
      First[] before = new First[sequence.parts().size()];
      for (int i = 0; i < before.length; i++) {
        before[i] = i == 0 ? where.before : Facts.last(sequence.parts().get(i - 1), before[i - 1]);
      }
      Step at = next;
      for (int i = before.length - 1; i >= 0; i--) {
        at = make(sequence.parts().get(i), at, where.behind(before[i]));
      }
      return at;
    }
    if (node instanceof Syntax.Choice choice) {
      boolean clears = clears(choice, where);
      List<Step> options = new ArrayList<>();
      for (Syntax option : choice.options()) {
        options.add(make(option, clears ? clear(choice, option, next) : next, clears ? where.optional() : where.tried(false)));
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
      return anchor(anchor, next, where);
    }
    throw new Unsupported("it has " + ((Syntax.Foreign) node).regex());
  }

  // -------------------------------------------------------------- characters

  private Step one(Syntax.Chars chars, Step next) throws Unsupported {
    CharSet set = chars.set();
    if (set.only() < 0) {
      Step one = step(Step.ONE, next, set.first, false, chars.source());
      one.set = set;
      return one;
    }
    byte[] bytes = Character.toString(set.only()).getBytes(StandardCharsets.UTF_8);
    Source source = chars.source();
    Step behind = next;
    if (next.kind == Step.LITERAL && joins(source, next.source)) {
      byte[] both = Arrays.copyOf(bytes, bytes.length + next.bytes.length);
      System.arraycopy(next.bytes, 0, both, bytes.length, next.bytes.length);
      bytes = both;
      source = new Source(source.text(), source.from(), next.source.to());
      behind = next.next;
    }
    Step literal = step(Step.LITERAL, behind, set.first, false, source);
    literal.bytes = bytes;
    return literal;
  }

  private static boolean joins(Source source, Source next) {
    return source != null && next != null && source.text() == next.text() && source.to() == next.from();
  }

  private Step run(CharSet set, Syntax.Repeat repeat, Step next, Where where) throws Unsupported {
    boolean apart = next.sure || set.first.isDisjoint(next.first) || repeat.how() != How.LAZY && repeat.least() > 0 && isWord(set) && boundaryFollows(next);
    boolean full = repeat.how() == How.POSSESSIVE || repeat.how() == How.GREEDY && apart
        || repeat.how() == How.LAZY && !next.sure && apart || repeat.least() == repeat.most();
    First first = repeat.least() > 0 ? set.first : set.first.or(next.first);
    if (repeat.how() == How.LAZY && next.sure) {
      first = repeat.least() > 0 ? set.first : First.all();
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

  /** Goes the first of these ways that leads to a match, looking at the next byte, and where that leaves several at the one behind it. */
  private Step choose(List<Step> options, Source source) throws Unsupported {
    if (options.size() == 1) {
      return options.get(0);
    }
    return new Choosing(options, source).choose();
  }

  /** One choice being made; what has been made for some ways is used again. */
  private final class Choosing {
    private final List<Step> options;
    private final First[] sure;
    private final Source source;
    private final First first;
    private final int toEnd;
    private final Map<BitSet, Step> tries = new HashMap<>();
    private final Map<List<Object>, Step> seconds = new HashMap<>();

    Choosing(List<Step> options, Source source) {
      this.options = options;
      this.source = source;
      this.sure = new First[options.size()];
      First all = new First();
      int most = 0;
      for (int i = 0; i < sure.length; i++) {
        sure[i] = Ahead.sure(options.get(i));
        all = all.or(options.get(i).first);
        most = Math.max(most, options.get(i).toEnd);
      }
      this.first = all;
      this.toEnd = most;
    }

    Step choose() throws Unsupported {
      Step[] targets = new Step[First.SIZE];
      First edges = new First();
      for (int i = 0; i < sure.length; i++) {
        edges = edges.or(options.get(i).first.edges()).or(sure[i].edges());
      }
      boolean allSure = true;
      BitSet viable = null;
      First sureOfTarget = null;
      for (int c = 0; c < First.SIZE; c++) {
        boolean differs = c == 0 || edges.has(c);
        viable = differs ? viable(c) : viable;
        boolean several = c < 0x80 && viable.cardinality() > 1;
        targets[c] = several ? bySecond(viable, c) : differs || c == 0x80 ? tries(viable) : targets[c - 1];
        if (allSure && (c == 0 || targets[c] != targets[c - 1])) {
          sureOfTarget = targets[c] == null ? new First() : Ahead.sure(targets[c]);
        }
        allSure &= sureOfTarget.has(c);
      }
      return select(targets, 0, allSure);
    }

    /** The options that can begin with this byte, up to one that then cannot fail. */
    private BitSet viable(int c) {
      BitSet viable = new BitSet(options.size());
      for (int i = 0; i < sure.length; i++) {
        if (options.get(i).first.has(c)) {
          viable.set(i);
          if (sure[i].has(c)) {
            break;
          }
        }
      }
      return viable;
    }

    private Step select(Step[] targets, int ahead, boolean allSure) throws Unsupported {
      boolean one = true;
      for (int c = 1; c < targets.length && one; c++) {
        one = targets[c] == targets[0];
      }
      if (one) {
        return targets[0] == null ? step(Step.FAIL, null, first, false, source) : targets[0];
      }
      Step select = step(Step.SWITCH, null, first, allSure, source);
      select.toEnd = toEnd;
      select.targets = targets;
      select.ahead = ahead;
      return select;
    }

    /** The way for these options, all of which can begin with this byte, by the byte behind it. */
    private Step bySecond(BitSet viable, int c) throws Unsupported {
      if (areLiterals(viable)) {
        return tries(viable);
      }
      First[] second = new First[sure.length];
      First[] sureThen = new First[sure.length];
      List<Object> key = new ArrayList<>(List.of(viable));
      boolean known = false;
      for (int i = viable.nextSetBit(0); i >= 0; i = viable.nextSetBit(i + 1)) {
        second[i] = Ahead.second(options.get(i), c);
        sureThen[i] = Ahead.sureThen(options.get(i), c);
        known |= !second[i].isAll();
        key.add(second[i]);
        key.add(sureThen[i]);
      }
      Step ready = known ? seconds.get(key) : tries(viable);
      if (ready == null) {
        ready = bySecond(viable, second, sureThen);
        seconds.put(key, ready);
      }
      return ready;
    }

    private Step bySecond(BitSet viable, First[] second, First[] sureThen) throws Unsupported {
      Step[] targets = new Step[First.SIZE];
      First edges = new First();
      for (int i = viable.nextSetBit(0); i >= 0; i = viable.nextSetBit(i + 1)) {
        edges = edges.or(second[i].edges()).or(sureThen[i].edges());
      }
      boolean allSure = true;
      for (int next = 0, end; next < First.SIZE; next = end) {
        end = edges.next(next + 1);
        BitSet left = new BitSet(sure.length);
        boolean isSure = false;
        for (int i = viable.nextSetBit(0); i >= 0 && !isSure; i = viable.nextSetBit(i + 1)) {
          if (second[i].has(next)) {
            left.set(i);
            isSure = sureThen[i].has(next);
          }
        }
        Step target = tries(left);
        Arrays.fill(targets, next, end, target);
        allSure &= target != null && (isSure || target.sure);
      }
      return select(targets, 1, allSure);
    }

    private Step tries(BitSet viable) throws Unsupported {
      int next = viable.nextSetBit(0);
      if (next < 0 || viable.nextSetBit(next + 1) < 0) {
        return next < 0 ? null : options.get(next);
      }
      Step ready = tries.get(viable);
      if (ready == null) {
        ready = areLiterals(viable) ? literals(viable) : null;
        if (ready == null) {
          BitSet others = (BitSet) viable.clone();
          others.clear(next);
          Step rest = tries(others);
          ready = step(Step.TRY, options.get(next), first, rest.sure, source);
          ready.other = rest;
          ready.toEnd = Math.max(ready.toEnd, rest.toEnd);
          choices++;
        }
        tries.put(viable, ready);
      }
      return ready;
    }

    private boolean areLiterals(BitSet viable) {
      for (int i = viable.nextSetBit(0); i >= 0; i = viable.nextSetBit(i + 1)) {
        if (options.get(i).kind != Step.LITERAL) {
          return false;
        }
      }
      return true;
    }

    /** What the literals have in common, and then the choice of what each has more; null if they have nothing in common. */
    private Step literals(BitSet viable) throws Unsupported {
      List<Step> all = new ArrayList<>();
      for (int i = viable.nextSetBit(0); i >= 0; i = viable.nextSetBit(i + 1)) {
        all.add(options.get(i));
      }
      byte[] one = all.get(0).bytes;
      int common = one.length;
      for (Step literal : all) {
        int mismatch = Arrays.mismatch(one, literal.bytes);
        common = mismatch < 0 ? common : Math.min(common, mismatch);
      }
      while (common > 0 && isInside(all, common)) {
        common--;
      }
      if (common == 0) {
        return null;
      }
      List<Step> rests = new ArrayList<>();
      Set<String> meant = new LinkedHashSet<>();
      for (Step literal : all) {
        String whole = literal.meant == null ? "'" + new String(literal.bytes, StandardCharsets.UTF_8) + "'" : literal.meant;
        meant.add(whole);
        Step rest = literal.next;
        if (literal.bytes.length > common) {
          rest = step(Step.LITERAL, literal.next, new First().add(literal.bytes[common] & 0xff), false, literal.source);
          rest.bytes = Arrays.copyOfRange(literal.bytes, common, literal.bytes.length);
          rest.meant = whole;
        }
        rests.add(rest);
      }
      Step chosen = Maker.this.choose(rests, source);
      if (chosen.kind == Step.SWITCH && !rests.contains(chosen)) {
        chosen.meant = String.join(" or ", meant);
      }
      Step shared = step(Step.LITERAL, chosen, new First().add(one[0] & 0xff), false, source);
      shared.bytes = Arrays.copyOf(one, common);
      shared.meant = String.join(" or ", meant);
      return shared;
    }

    /** Whether one of them is inside a character there. */
    private static boolean isInside(List<Step> literals, int at) {
      for (Step literal : literals) {
        if (at < literal.bytes.length && (literal.bytes[at] & 0xc0) == 0x80) {
          return true;
        }
      }
      return false;
    }
  }

  // -------------------------------------------------------------- repetitions

  private Step repeat(Syntax.Repeat repeat, Step next, Where given) throws Unsupported {
    Where where = given.repeated(repeat);
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
      boolean clears = clears(body, where);
      Step taken = make(body, next, clears ? where.optional() : where.tried(false));
      Step left = clears ? clear(body, null, next) : next;
      return choose(lazy ? List.of(left, taken) : List.of(taken, left), repeat.source());
    }
    refuseOddGroups(body);
    boolean nullable = Facts.isNullable(body);
    if (!nullable && most == Syntax.NO_LIMIT && least <= 1) {
      return loop(body, repeat, next, where);
    }
    if (!nullable && most < Syntax.NO_LIMIT && groups(body).isEmpty() && Facts.size(body) * most <= MOST_UNROLLED) {
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
    First first = Facts.first(body, First.all()).or(next.first);
    Step head = step(Step.JUMP, null, first, false, repeat.source());
    head.toEnd = next.toEnd + 1;
    int before = choices;
    Step taken = make(body, head, where.tried(true));
    head.next = choose(repeat.how() == How.LAZY ? List.of(next, taken) : List.of(taken, next), repeat.source());
    if (where.noted && choices > before) {
      head.kind = Step.ONCE;
      head.memo = memos++;
    }
    return repeat.least() == 1 ? taken : head;
  }

  private Step counted(Syntax body, Syntax.Repeat repeat, Step next, Where where) throws Unsupported {
    First bodyFirst = Facts.first(body, First.all());
    boolean nullable = Facts.isNullable(body);
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
  private void refuseOddGroups(Syntax body) throws Unsupported {
    if (!groups(body).isEmpty() && (isOneWay(body) || body instanceof Syntax.Atomic || body instanceof Syntax.Look)) {
      throw new Unsupported("it repeats what has captures in it");
    }
  }

  /** Whether java.util.regex repeats this without remembering how each time went. */
  private static boolean isOneWay(Syntax node) {
    if (node instanceof Syntax.Sequence sequence) {
      for (Syntax part : sequence.parts()) {
        if (!isOneWay(part)) {
          return false;
        }
      }
      return true;
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
    int kind = where.undone ? Step.CLOSE_UNDONE : Step.CLOSE;
    Step close = step(kind, next, next.first, next.sure, group.source());
    close.slot = 2 * group.number();
    choices += where.undone ? 1 : 0;
    Step body = make(group.body(), close, where);
    Step open = step(where.undone ? Step.OPEN_AGAIN : Step.OPEN, body, body.first, body.sure, group.source());
    open.slot = close.slot;
    if (where.undone) {
      open.slot = twoSlots();
      close.noted = open.slot;
      open.wanted = where.again;
    }
    return open;
  }

  /** Whether groups of which some may be absent are few enough to be cleared where they are, and need not be set back. */
  private boolean clears(Syntax node, Where where) {
    return !where.undone && groups(node).cardinality() <= MOST_CLEARED;
  }

  /** Clears the groups of the whole but for those of a part. */
  private Step clear(Syntax whole, Syntax but, Step next) throws Unsupported {
    BitSet groups = (BitSet) groups(whole).clone();
    if (but != null) {
      groups.andNot(groups(but));
    }
    if (groups.isEmpty()) {
      return next;
    }
    Step clear = step(Step.CLEAR, next, next.first, next.sure, null);
    clear.cleared = new int[groups.cardinality()];
    for (int i = 0, group = groups.nextSetBit(0); group >= 0; i++, group = groups.nextSetBit(group + 1)) {
      clear.cleared[i] = 2 * group;
    }
    return clear;
  }

  /** The numbers of the groups in it. */
  private BitSet groups(Syntax node) {
    BitSet known = groupsIn.get(node);
    if (known != null) {
      return known;
    }
    BitSet all = new BitSet();
    if (node instanceof Syntax.Group group) {
      all.set(group.number());
    }
    for (Syntax part : node.parts()) {
      all.or(groups(part));
    }
    groupsIn.put(node, all);
    return all;
  }

  private Step atomic(Syntax body, Step next, Where where, Source source) throws Unsupported {
    int before = choices;
    Step cut = step(Step.CUT, next, First.all(), true, source);
    Step inside = make(body, cut, where.inside());
    First first = Facts.first(body, next.first);
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

  /** Whether none of these bytes, each the last of a character or none at all, can belong to a character of the class. */
  private static boolean isNever(CharSet set, First before) {
    for (int c = 0; c < 256; c++) {
      if (before.has(c) && (c >= 0x80 || set.table[c] != CharSet.OUT)) {
        return false;
      }
    }
    return true;
  }

  private Step ahead(Syntax.Look look, Step next, Where where) throws Unsupported {
    if (!look.wanted() && groups(look.body()).isEmpty() && !Facts.isNullable(look.body()) && Facts.first(look.body(), First.all()).isDisjoint(next.first)) {
      return next;
    }
    First first = Facts.first(look, next.first);
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
    Step inside = back(back, make(body, looked, where.tried(false).inside().behind(back > 0 ? First.all() : where.before)), look);
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
      return !look.wanted() && isNever(chars.set(), where.before) ? next : peek(Step.PEEK_BACK, chars.set(), look, next, next.first);
    }
    if (!groups(body).isEmpty()) {
      throw new Unsupported("it has captures in a look-behind");
    }
    if (body instanceof Syntax.Choice choice) {
      if (look.wanted()) {
        List<Syntax> looks = new ArrayList<>();
        for (Syntax option : choice.options()) {
          looks.add(new Syntax.Look(true, true, option, look.source()));
        }
        return make(new Syntax.Choice(looks, look.source()), next, where);
      }
      Step at = next;
      for (int i = choice.options().size() - 1; i >= 0; i--) {
        at = make(new Syntax.Look(true, false, choice.options().get(i), look.source()), at, where);
      }
      return at;
    }
    int length = Facts.length(body);
    if (length < 0) {
      throw new Unsupported("it looks behind for something of no certain length");
    }
    if (!look.wanted()) {
      return not(body, length, look, next, where, next.first);
    }
    Step looked = step(Step.LOOKED, next, First.all(), true, look.source());
    looked.slot = twoSlots();
    choices++;
    Step begin = step(Step.LOOK, back(length, make(body, looked, where.inside().behind(First.all())), look), next.first, false, look.source());
    begin.slot = looked.slot;
    return begin;
  }

  private Step anchor(Syntax.Anchor anchor, Step next, Where where) throws Unsupported {
    if (anchor.place() == Syntax.Place.BOUNDARY) {
      int before = Facts.word(where.before);
      int after = Facts.word(next.first);
      if (before >= 0 && after >= 0 && before != after) {
        return next;
      }
    }
    int kind = switch (anchor.place()) {
      case LINE_BEGIN -> Step.LINE_BEGIN;
      case LINE_END -> Step.LINE_END;
      case BEGIN -> Step.BEGIN;
      case END -> Step.END;
      case LAST_LINE_END -> Step.LAST_LINE_END;
      case BOUNDARY -> Step.BOUNDARY;
      case NO_BOUNDARY -> Step.NO_BOUNDARY;
    };
    return step(kind, next, Facts.first(anchor, next.first), false, anchor.source());
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
        Step before = null;
        Step landed = null;
        for (int i = 0; i < step.targets.length; i++) {
          if (step.targets[i] != before) {
            before = step.targets[i];
            landed = landed(before);
            if (landed != null && targets.add(landed)) {
              open.push(landed);
            }
          }
          step.targets[i] = landed;
        }
      }
      if (step.other != null) {
        open.push(step.other);
      }
      if (step.next != null) {
        open.push(step.next);
      }
    }
    return all.toArray(new Step[0]);
  }

  static Step landed(Step step) {
    Step at = step;
    while (at != null && at.kind == Step.JUMP) {
      at = at.next;
    }
    return at;
  }
}
