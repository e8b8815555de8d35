package io.logstream.grok;

import java.lang.invoke.MethodHandles;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;

/**
 * Writes a {@link Program} as a hidden class: a jump where the steps follow a pointer, comparisons where they ask a table.
 *
 * <p>What is remembered stays on the stack of {@link Run}, by the numbers of the steps; so code grows with the pattern and not with
 * what may follow each part of it, and nothing is nested in calls. A failure takes the number from the stack and jumps there. Steps are
 * spread over methods of limited size, since HotSpot does not compile huge ones; who leaves a method says with what number to go on:
 *
 * <pre>
 *   match:  state = start          part(state):  switch (state) -> the step
 *           loop state = part..                  failed: state = run.pop(); switch again, or return it
 * </pre>
 *
 * <p>Most of a pattern's steps are for what its texts never have, such as addresses of version 6. They may be left without code: who
 * comes to one goes on step by step.
 */
final class Generator implements Opcodes {
  /** Estimated bytes of bytecode in one method that is often run: HotSpot takes longer over one big method than over two small ones. */
  private static final int PART = 3_500;

  /** And in one that is hardly run; HotSpot compiles none of more than 8000. */
  private static final int RARE_PART = 7_000;

  private static final int MOST_PARTS = 120;
  private static final int ACCEPTED = -2;
  private static final byte NOWHERE = -1;
  private static final String RUN = Type.getInternalName(Run.class);
  private static final String STEP = Type.getInternalName(Step.class);
  private static final String SET = Type.getInternalName(CharSet.class);
  private static final String CODE = Type.getInternalName(Code.class);
  private static final String UTF8 = Type.getInternalName(Utf8Text.class);
  private static final String WORDS = Type.getInternalName(Words.class);
  private static final String SELF = "io/logstream/grok/Generated";
  private static final String PART_TYPE = "(L" + RUN + ";[BIII)I";

  // the locals of a part
  private static final int RUN_AT = 0;
  private static final int B = 1;
  private static final int FROM = 2;
  private static final int TO = 3;
  private static final int STATE = 4;
  private static final int POS = 5;
  private static final int SLOTS = 6;
  private static final int C = 7;
  private static final int BEGIN = 8;
  private static final Object[] LOCALS = {RUN, "[B", INTEGER, INTEGER, INTEGER, INTEGER, "[I", INTEGER, INTEGER};

  private final Program program;

  /** The steps in the order of their code: those that texts came by, and then the others, if these get any; each from the pattern's beginning to its end. */
  private final List<Step> order;

  private final int[] visits;

  /** In which part a step is; {@link #NOWHERE} if it has no code. */
  private final byte[] part;

  /** Which steps one can come to by their number. */
  private final boolean[] entered;

  private final List<Object> data = new ArrayList<>();
  private final Map<Object, Integer> places = new IdentityHashMap<>();
  private final Map<String, byte[]> maps = new HashMap<>();
  private final ClassWriter out = new ClassWriter(0);

  // the part under way
  private MethodVisitor code;
  private Label[] labels;
  private int here;
  private Label fail;
  private Label leave;
  private Label dispatch;

  private Generator(Program program, int[] visits, boolean whole) {
    this.program = program;
    this.visits = visits;
    this.order = new ArrayList<>();
    for (Step step : program.steps) {
      if (whole || !isRare(step) || step == program.start) {
        order.add(step);
      }
    }
    order.sort(this::inOrder);
    this.part = new byte[program.steps.length];
    Arrays.fill(part, NOWHERE);
    this.entered = new boolean[program.steps.length];
  }

  /** The code, how many bytes its class has, and whether all steps have code. */
  record Made(Code code, int bytes, boolean whole) {}

  /**
   * Makes the code.
   *
   * @param visits how often texts came by each step
   * @param whole whether what none came by gets code too, which stands apart so that HotSpot need not compile it
   * @throws Program.Unsupported if the class would be too big
   * @throws LinkageError or another error of the virtual machine's where defining classes is barred
   */
  static Made make(Program program, int[] visits, boolean whole) throws Program.Unsupported {
    try {
      return new Generator(program, visits, whole).make();
    } catch (ReflectiveOperationException e) {
      throw new Program.Unsupported("its class cannot be made: " + e);
    }
  }

  private Made make() throws Program.Unsupported, ReflectiveOperationException {
    int parts = spread();
    if (parts > MOST_PARTS) {
      throw new Program.Unsupported("its code would need " + parts + " methods, " + MOST_PARTS + " are allowed");
    }
    out.visit(V17, ACC_FINAL | ACC_SUPER, SELF, null, CODE, null);
    MethodVisitor init = out.visitMethod(0, "<init>", "()V", null, null);
    init.visitCode();
    init.visitVarInsn(ALOAD, 0);
    init.visitMethodInsn(INVOKESPECIAL, CODE, "<init>", "()V", false);
    init.visitInsn(RETURN);
    init.visitMaxs(1, 1);
    init.visitEnd();
    markEntered();
    for (int i = 0; i < parts; i++) {
      part(i);
    }
    match(parts);
    constants();
    out.visitEnd();
    byte[] bytes = out.toByteArray();
    MethodHandles.Lookup defined = MethodHandles.lookup().defineHiddenClassWithClassData(bytes, data.toArray(), true);
    Code made = (Code) defined.lookupClass().getDeclaredConstructor().newInstance();
    return new Made(made, bytes.length, order.size() == program.steps.length);
  }

  // ---------------------------------------------------------------- methods

  private boolean isRare(Step step) {
    return visits[step.id] == 0;
  }

  private int inOrder(Step a, Step b) {
    return isRare(a) != isRare(b) ? Boolean.compare(isRare(a), isRare(b)) : Integer.compare(b.toEnd, a.toEnd);
  }

  private int spread() {
    int parts = 1;
    int size = 0;
    boolean rare = isRare(order.get(0));
    for (Step step : order) {
      int add = estimate(step);
      if (size > 0 && (size + add > (rare ? RARE_PART : PART) || isRare(step) != rare)) {
        parts++;
        size = 0;
      }
      rare = isRare(step);
      size += add;
      part[step.id] = (byte) (parts - 1);
    }
    return parts;
  }

  private static int estimate(Step step) {
    return switch (step.kind) {
      case Step.LITERAL -> 12 + 12 * Math.min(step.bytes.length, 32);
      case Step.RUN, Step.RUN_BACK -> 110;
      case Step.SWITCH -> 60 + 9 * Math.min(40, 4 * ways(step).size());
      default -> 45;
    };
  }

  private static Set<Step> ways(Step choice) {
    Set<Step> ways = Collections.newSetFromMap(new IdentityHashMap<>());
    Collections.addAll(ways, choice.targets);
    return ways;
  }

  private void match(int parts) {
    MethodVisitor m = out.visitMethod(0, "match", "(L" + RUN + ";[BIII)Z", null, null);
    m.visitCode();
    m.visitVarInsn(ALOAD, 1);
    m.visitVarInsn(ILOAD, 5);
    m.visitFieldInsn(PUTFIELD, RUN, "pos", "I");
    number(m, program.start.id);
    m.visitVarInsn(ISTORE, 6);
    Label loop = new Label();
    Label stepwise = new Label();
    Label no = new Label();
    Label yes = new Label();
    Object[] locals = {SELF, RUN, "[B", INTEGER, INTEGER, INTEGER, INTEGER};
    m.visitLabel(loop);
    m.visitFrame(F_NEW, locals.length, locals, 0, new Object[0]);
    Label[] calls = new Label[parts];
    for (int i = 0; i < parts; i++) {
      calls[i] = new Label();
    }
    constant(m, part);
    m.visitVarInsn(ILOAD, 6);
    m.visitInsn(BALOAD);
    m.visitTableSwitchInsn(0, parts - 1, stepwise, calls);
    for (int i = 0; i < parts; i++) {
      m.visitLabel(calls[i]);
      m.visitFrame(F_NEW, locals.length, locals, 0, new Object[0]);
      m.visitVarInsn(ALOAD, 1);
      m.visitVarInsn(ALOAD, 2);
      m.visitVarInsn(ILOAD, 3);
      m.visitVarInsn(ILOAD, 4);
      m.visitVarInsn(ILOAD, 6);
      m.visitMethodInsn(INVOKESTATIC, SELF, "part" + i, PART_TYPE, false);
      m.visitInsn(DUP);
      m.visitVarInsn(ISTORE, 6);
      m.visitJumpInsn(IFGE, loop);
      m.visitJumpInsn(GOTO, no);
    }
    m.visitLabel(stepwise);
    m.visitFrame(F_NEW, locals.length, locals, 0, new Object[0]);
    m.visitVarInsn(ALOAD, 1);
    m.visitVarInsn(ILOAD, 6);
    m.visitVarInsn(ALOAD, 2);
    m.visitVarInsn(ILOAD, 3);
    m.visitVarInsn(ILOAD, 4);
    m.visitMethodInsn(INVOKEVIRTUAL, RUN, "stepwise", "(I[BII)Z", false);
    m.visitInsn(IRETURN);
    m.visitLabel(no);
    m.visitFrame(F_NEW, locals.length, locals, 0, new Object[0]);
    m.visitVarInsn(ILOAD, 6);
    number(m, ACCEPTED);
    m.visitJumpInsn(IF_ICMPEQ, yes);
    m.visitInsn(ICONST_0);
    m.visitInsn(IRETURN);
    m.visitLabel(yes);
    m.visitFrame(F_NEW, locals.length, locals, 0, new Object[0]);
    m.visitInsn(ICONST_1);
    m.visitInsn(IRETURN);
    m.visitMaxs(6, 7);
    m.visitEnd();
  }

  private void constants() {
    MethodVisitor m = out.visitMethod(ACC_STATIC, "<clinit>", "()V", null, null);
    m.visitCode();
    m.visitMethodInsn(INVOKESTATIC, "java/lang/invoke/MethodHandles", "lookup", "()Ljava/lang/invoke/MethodHandles$Lookup;", false);
    m.visitLdcInsn("_");
    m.visitLdcInsn(Type.getType(Object[].class));
    m.visitMethodInsn(INVOKESTATIC, "java/lang/invoke/MethodHandles", "classData",
        "(Ljava/lang/invoke/MethodHandles$Lookup;Ljava/lang/String;Ljava/lang/Class;)Ljava/lang/Object;", false);
    m.visitTypeInsn(CHECKCAST, "[Ljava/lang/Object;");
    m.visitVarInsn(ASTORE, 0);
    for (int i = 0; i < data.size(); i++) {
      Type type = Type.getType(data.get(i).getClass());
      out.visitField(ACC_STATIC | ACC_FINAL, "c" + i, type.getDescriptor(), null, null).visitEnd();
      m.visitVarInsn(ALOAD, 0);
      number(m, i);
      m.visitInsn(AALOAD);
      m.visitTypeInsn(CHECKCAST, type.getInternalName());
      m.visitFieldInsn(PUTSTATIC, SELF, "c" + i, type.getDescriptor());
    }
    m.visitInsn(RETURN);
    m.visitMaxs(3, 1);
    m.visitEnd();
  }

  private void part(int number) {
    here = number;
    code = out.visitMethod(ACC_STATIC, "part" + number, PART_TYPE, null, null);
    code.visitCode();
    labels = new Label[program.steps.length];
    fail = new Label();
    leave = new Label();
    dispatch = new Label();
    code.visitVarInsn(ALOAD, RUN_AT);
    code.visitFieldInsn(GETFIELD, RUN, "pos", "I");
    code.visitVarInsn(ISTORE, POS);
    code.visitVarInsn(ALOAD, RUN_AT);
    code.visitFieldInsn(GETFIELD, RUN, "slots", "[I");
    code.visitVarInsn(ASTORE, SLOTS);
    code.visitInsn(ICONST_0);
    code.visitVarInsn(ISTORE, C);
    code.visitInsn(ICONST_0);
    code.visitVarInsn(ISTORE, BEGIN);
    List<Step> mine = new ArrayList<>();
    for (Step step : order) {
      if (part[step.id] == number) {
        mine.add(step);
        labels[step.id] = new Label();
      }
    }
    place(dispatch);
    dispatch(entries(mine));
    for (int i = 0; i < mine.size(); i++) {
      place(labels[mine.get(i).id]);
      step(mine.get(i), i + 1 < mine.size() ? mine.get(i + 1) : null);
    }
    place(fail);
    code.visitVarInsn(ALOAD, RUN_AT);
    code.visitVarInsn(ILOAD, POS);
    code.visitMethodInsn(INVOKEVIRTUAL, RUN, "pop", "(I)I", false);
    code.visitVarInsn(ISTORE, STATE);
    code.visitVarInsn(ALOAD, RUN_AT);
    code.visitFieldInsn(GETFIELD, RUN, "pos", "I");
    code.visitVarInsn(ISTORE, POS);
    code.visitJumpInsn(GOTO, dispatch);
    place(leave);
    code.visitVarInsn(ALOAD, RUN_AT);
    code.visitVarInsn(ILOAD, POS);
    code.visitFieldInsn(PUTFIELD, RUN, "pos", "I");
    code.visitVarInsn(ILOAD, STATE);
    code.visitInsn(IRETURN);
    code.visitMaxs(8, LOCALS.length);
    code.visitEnd();
  }

  /** The steps of this part that one can come to by their number. */
  private TreeMap<Integer, Label> entries(List<Step> mine) {
    TreeMap<Integer, Label> entries = new TreeMap<>();
    for (Step step : mine) {
      if (entered[step.id]) {
        entries.put(step.id, labels[step.id]);
      }
    }
    return entries;
  }

  private void markEntered() {
    entered[program.start.id] = true;
    for (Step step : order) {
      boolean stacked = step.kind != Step.SWITCH && step.kind != Step.AROUND;
      mark(step, step.other, stacked);
      mark(step, step.next, step.kind == Step.LOOP);
      if (step.targets != null) {
        for (Step target : step.targets) {
          mark(step, target, step.kind == Step.LOOP);
        }
      }
    }
  }

  private void mark(Step from, Step to, boolean byNumber) {
    if (to != null && (byNumber || part[from.id] != part[to.id])) {
      entered[to.id] = true;
    }
  }

  private void dispatch(TreeMap<Integer, Label> entries) {
    code.visitVarInsn(ILOAD, STATE);
    lookup(entries, leave);
  }

  // ---------------------------------------------------------------- steps

  private void step(Step step, Step behind) {
    switch (step.kind) {
      case Step.ACCEPT -> {
        number(code, ACCEPTED);
        code.visitVarInsn(ISTORE, STATE);
        code.visitJumpInsn(GOTO, leave);
        return;
      }
      case Step.LITERAL -> literal(step);
      case Step.ONE -> one(step);
      case Step.RUN -> run(step);
      case Step.RUN_BACK -> {
        run(step);
        code.visitVarInsn(ALOAD, RUN_AT);
        constant(step);
        code.visitVarInsn(ALOAD, B);
        code.visitVarInsn(ILOAD, BEGIN);
        code.visitVarInsn(ILOAD, POS);
        runCall("remember", "(L" + STEP + ";[BII)Z");
        code.visitJumpInsn(IFEQ, fail);
      }
      case Step.GIVE_BACK, Step.TAKE_MORE -> {
        code.visitVarInsn(ALOAD, RUN_AT);
        constant(step);
        place4();
        code.visitVarInsn(ALOAD, RUN_AT);
        code.visitFieldInsn(GETFIELD, RUN, "more", "I");
        runCall(step.kind == Step.GIVE_BACK ? "giveBack" : "takeMore", "(L" + STEP + ";[BIII)I");
        setPosOrFail();
      }
      case Step.RUN_LAZY -> {
        code.visitVarInsn(ALOAD, RUN_AT);
        constant(step);
        place4();
        runCall("lazy", "(L" + STEP + ";[BII)I");
        setPosOrFail();
      }
      case Step.SWITCH -> {
        choose(step);
        return;
      }
      case Step.TRY -> push(step.other);
      case Step.OPEN -> notePos(step.slot);
      case Step.CLOSE -> notePos(step.slot + 1);
      case Step.OPEN_AGAIN -> {
        if (step.wanted) {
          code.visitVarInsn(ALOAD, RUN_AT);
          number(code, step.slot);
          runCall("undo", "(I)V");
        }
        notePos(step.slot);
      }
      case Step.CLEAR -> {
        code.visitVarInsn(ALOAD, RUN_AT);
        constant(step.cleared);
        runCall("clear", "([I)V");
      }
      case Step.CLOSE_UNDONE -> {
        code.visitVarInsn(ALOAD, RUN_AT);
        number(code, step.slot);
        number(code, step.noted);
        code.visitVarInsn(ILOAD, POS);
        runCall("close", "(III)V");
      }
      case Step.MARK -> noteHeight(step.slot);
      case Step.CUT -> cut(step);
      case Step.LOOK -> {
        noteHeight(step.slot);
        notePos(step.slot + 1);
      }
      case Step.LOOKED -> {
        code.visitVarInsn(ALOAD, RUN_AT);
        number(code, step.slot);
        code.visitVarInsn(ILOAD, POS);
        runCall("looked", "(II)I");
        code.visitVarInsn(ISTORE, POS);
      }
      case Step.LOOK_NOT -> {
        noteHeight(step.slot);
        push(step.other);
      }
      case Step.LOOKED_NOT -> {
        cut(step);
        code.visitJumpInsn(GOTO, fail);
        return;
      }
      case Step.PEEK -> peek(step);
      case Step.PEEK_BACK -> peekBack(step);
      case Step.BACK -> {
        code.visitVarInsn(ALOAD, B);
        code.visitVarInsn(ILOAD, FROM);
        code.visitVarInsn(ILOAD, POS);
        number(code, step.least);
        code.visitMethodInsn(INVOKESTATIC, RUN, "back", "([BIII)I", false);
        setPosOrFail();
      }
      case Step.LINE_BEGIN -> {
        failAtEnd();
        Label ok = new Label();
        code.visitVarInsn(ILOAD, POS);
        code.visitVarInsn(ILOAD, FROM);
        code.visitJumpInsn(IF_ICMPEQ, ok);
        byteAt(-1);
        number(code, '\n');
        code.visitJumpInsn(IF_ICMPNE, fail);
        place(ok);
      }
      case Step.LINE_END, Step.LAST_LINE_END -> {
        Label ok = new Label();
        code.visitVarInsn(ILOAD, POS);
        code.visitVarInsn(ILOAD, TO);
        code.visitJumpInsn(IF_ICMPEQ, ok);
        if (step.kind == Step.LAST_LINE_END) {
          code.visitVarInsn(ILOAD, POS);
          code.visitInsn(ICONST_1);
          code.visitInsn(IADD);
          code.visitVarInsn(ILOAD, TO);
          code.visitJumpInsn(IF_ICMPNE, fail);
        }
        byteAt(0);
        number(code, '\n');
        code.visitJumpInsn(IF_ICMPNE, fail);
        place(ok);
      }
      case Step.BEGIN, Step.END -> {
        code.visitVarInsn(ILOAD, POS);
        code.visitVarInsn(ILOAD, step.kind == Step.BEGIN ? FROM : TO);
        code.visitJumpInsn(IF_ICMPNE, fail);
      }
      case Step.BOUNDARY, Step.NO_BOUNDARY -> {
        code.visitVarInsn(ALOAD, B);
        code.visitVarInsn(ILOAD, FROM);
        code.visitVarInsn(ILOAD, TO);
        code.visitVarInsn(ILOAD, POS);
        code.visitMethodInsn(INVOKESTATIC, WORDS, "boundary", "([BIII)Z", false);
        code.visitJumpInsn(step.kind == Step.BOUNDARY ? IFEQ : IFNE, fail);
      }
      case Step.COUNT -> {
        code.visitVarInsn(ALOAD, RUN_AT);
        number(code, step.slot);
        runCall("count", "(I)V");
      }
      case Step.LOOP -> {
        code.visitVarInsn(ALOAD, RUN_AT);
        constant(step);
        place4();
        runCall("loop", "(L" + STEP + ";[BII)L" + STEP + ";");
        code.visitFieldInsn(GETFIELD, STEP, "id", "I");
        code.visitVarInsn(ISTORE, STATE);
        code.visitJumpInsn(GOTO, dispatch);
        return;
      }
      case Step.AROUND -> {
        Label more = new Label();
        code.visitVarInsn(ALOAD, SLOTS);
        number(code, step.slot + 1);
        code.visitInsn(IALOAD);
        code.visitVarInsn(ILOAD, POS);
        code.visitJumpInsn(IF_ICMPNE, more);
        go(step.next);
        place(more);
        go(step.other);
        return;
      }
      case Step.LOOP_MORE -> {
        code.visitVarInsn(ALOAD, RUN_AT);
        number(code, step.slot);
        code.visitVarInsn(ILOAD, POS);
        runCall("once", "(II)V");
      }
      case Step.ONCE -> {
        code.visitVarInsn(ALOAD, RUN_AT);
        number(code, step.memo);
        code.visitVarInsn(ILOAD, POS);
        runCall("again", "(II)Z");
        code.visitJumpInsn(IFNE, fail);
      }
      default -> {
        code.visitJumpInsn(GOTO, fail);
        return;
      }
    }
    if (step.next != behind) {
      go(step.next);
    }
  }

  private void literal(Step step) {
    byte[] bytes = step.bytes;
    code.visitVarInsn(ILOAD, TO);
    code.visitVarInsn(ILOAD, POS);
    code.visitInsn(ISUB);
    number(code, bytes.length);
    code.visitJumpInsn(IF_ICMPLT, fail);
    if (bytes.length > 32) {
      code.visitVarInsn(ALOAD, B);
      code.visitVarInsn(ILOAD, POS);
      constant(bytes);
      code.visitMethodInsn(INVOKESTATIC, RUN, "isAt", "([BI[B)Z", false);
      code.visitJumpInsn(IFEQ, fail);
    } else {
      for (int i = 0; i < bytes.length; i++) {
        byteAt(i);
        number(code, bytes[i]);
        code.visitJumpInsn(IF_ICMPNE, fail);
      }
    }
    code.visitIincInsn(POS, bytes.length);
  }

  private void one(Step step) {
    failAtEnd();
    byteAt(0);
    code.visitVarInsn(ISTORE, C);
    CharSet set = step.set;
    Label done = new Label();
    if (set.beyond() != CharSet.Beyond.NONE) {
      Label plain = new Label();
      code.visitVarInsn(ILOAD, C);
      code.visitJumpInsn(IFGE, plain);
      if (set.beyond() != CharSet.Beyond.ALL) {
        hasBeyond(set, 0);
        code.visitJumpInsn(IFEQ, fail);
      }
      code.visitVarInsn(ILOAD, POS);
      code.visitVarInsn(ILOAD, C);
      code.visitInsn(I2B);
      code.visitMethodInsn(INVOKESTATIC, UTF8, "length", "(B)I", false);
      code.visitInsn(IADD);
      code.visitVarInsn(ISTORE, POS);
      code.visitJumpInsn(GOTO, done);
      place(plain);
    }
    test(set, fail, false);
    code.visitIincInsn(POS, 1);
    if (set.beyond() != CharSet.Beyond.NONE) {
      place(done);
    }
  }

  private void hasBeyond(CharSet set, int offset) {
    constant(set);
    code.visitVarInsn(ALOAD, B);
    code.visitVarInsn(ILOAD, POS);
    if (offset != 0) {
      number(code, offset);
      code.visitInsn(IADD);
    }
    code.visitMethodInsn(INVOKEVIRTUAL, SET, "has", "([BI)Z", false);
  }

  /** A run of a class, from BEGIN (set here) to POS. */
  private void run(Step step) {
    CharSet set = step.set;
    code.visitVarInsn(ILOAD, POS);
    code.visitVarInsn(ISTORE, BEGIN);
    boolean counted = step.most != Syntax.NO_LIMIT || step.least > 1;
    Label loop = new Label();
    Label end = new Label();
    Label done = new Label();
    if (set.isAny() && !counted) {
      code.visitVarInsn(ILOAD, TO);
      code.visitVarInsn(ISTORE, POS);
    } else {
      if (set.skips && !counted) {
        constant(set);
        place4();
        code.visitMethodInsn(INVOKEVIRTUAL, SET, "skip", "([BII)I", false);
        code.visitVarInsn(ISTORE, POS);
      }
      place(loop);
      code.visitVarInsn(ILOAD, POS);
      code.visitVarInsn(ILOAD, TO);
      code.visitJumpInsn(IF_ICMPGE, end);
      if (step.most != Syntax.NO_LIMIT) {
        code.visitVarInsn(ILOAD, POS);
        code.visitVarInsn(ILOAD, BEGIN);
        code.visitInsn(ISUB);
        number(code, step.most);
        code.visitJumpInsn(IF_ICMPGE, end);
      }
      byteAt(0);
      code.visitVarInsn(ISTORE, C);
      if (counted && set.beyond() == CharSet.Beyond.ALL) {
        code.visitVarInsn(ILOAD, C);
        code.visitJumpInsn(IFLT, end);
      }
      test(set, end, true);
      code.visitIincInsn(POS, 1);
      code.visitJumpInsn(GOTO, loop);
      place(end);
      boolean asks = set.beyond() == CharSet.Beyond.SOME || set.beyond() == CharSet.Beyond.ONE || counted && set.beyond() == CharSet.Beyond.ALL;
      if (asks) {
        Label ascii = new Label();
        code.visitVarInsn(ILOAD, POS);
        code.visitVarInsn(ILOAD, TO);
        code.visitJumpInsn(IF_ICMPGE, ascii);
        byteAt(0);
        code.visitJumpInsn(IFGE, ascii);
        code.visitVarInsn(ALOAD, RUN_AT);
        constant(set);
        code.visitVarInsn(ALOAD, B);
        code.visitVarInsn(ILOAD, BEGIN);
        code.visitVarInsn(ILOAD, TO);
        number(code, step.least);
        number(code, step.most);
        runCall("runBeyond", "(L" + SET + ";[BIIII)I");
        code.visitVarInsn(ISTORE, C);
        code.visitVarInsn(ILOAD, C);
        code.visitJumpInsn(IFLT, fail);
        code.visitVarInsn(ILOAD, C);
        code.visitVarInsn(ISTORE, POS);
        code.visitJumpInsn(GOTO, done);
        place(ascii);
      }
    }
    if (step.least > 0) {
      code.visitVarInsn(ILOAD, POS);
      code.visitVarInsn(ILOAD, BEGIN);
      code.visitInsn(ISUB);
      number(code, step.least);
      code.visitJumpInsn(IF_ICMPLT, fail);
    }
    place(done);
  }

  private void peek(Step step) {
    Label ok = new Label();
    Label no = step.wanted ? fail : ok;
    code.visitVarInsn(ILOAD, POS);
    code.visitVarInsn(ILOAD, TO);
    code.visitJumpInsn(IF_ICMPGE, no);
    constant(step.set);
    code.visitVarInsn(ALOAD, B);
    code.visitVarInsn(ILOAD, POS);
    code.visitMethodInsn(INVOKEVIRTUAL, SET, "has", "([BI)Z", false);
    code.visitJumpInsn(step.wanted ? IFEQ : IFNE, fail);
    place(ok);
  }

  private void peekBack(Step step) {
    code.visitVarInsn(ALOAD, B);
    code.visitVarInsn(ILOAD, FROM);
    code.visitVarInsn(ILOAD, POS);
    constant(step.set);
    code.visitMethodInsn(INVOKESTATIC, RUN, "isBehind", "([BIIL" + SET + ";)Z", false);
    code.visitJumpInsn(step.wanted ? IFEQ : IFNE, fail);
  }

  /** Goes to {@code no} unless C, a byte, is in the class; a byte beyond ASCII is where all such characters are. */
  private void test(CharSet set, Label no, boolean signed) {
    List<int[]> in = new ArrayList<>();
    boolean open = signed && set.beyond() == CharSet.Beyond.ALL;
    int from = -128;
    for (int c = 0; c <= 128; c++) {
      boolean has = c < 128 && set.table[c] == CharSet.IN;
      if (has && !open) {
        from = c;
      } else if (!has && open) {
        in.add(new int[] {from, c - 1});
      }
      open = has;
    }
    List<int[]> out = new ArrayList<>();
    int next = -128;
    for (int[] range : in) {
      if (range[0] > next) {
        out.add(new int[] {next, range[0] - 1});
      }
      next = range[1] + 1;
    }
    if (next <= 127) {
      out.add(new int[] {next, 127});
    }
    if (in.size() == 1) {
      outside(in.get(0), no);
    } else if (out.size() <= 3) {
      for (int[] range : out) {
        inside(range, no);
      }
    } else if (in.size() <= 2) {
      Label yes = new Label();
      inside(in.get(0), yes);
      outside(in.get(1), no);
      place(yes);
    } else {
      constant(set.table);
      code.visitVarInsn(ILOAD, C);
      number(code, 0xff);
      code.visitInsn(IAND);
      code.visitInsn(BALOAD);
      code.visitInsn(ICONST_1);
      code.visitJumpInsn(IF_ICMPNE, no);
    }
  }

  private void outside(int[] range, Label to) {
    if (range[0] == range[1]) {
      compare(range[0], IF_ICMPNE, to);
      return;
    }
    if (range[0] > -128) {
      compare(range[0], IF_ICMPLT, to);
    }
    if (range[1] < 127) {
      compare(range[1], IF_ICMPGT, to);
    }
  }

  private void inside(int[] range, Label to) {
    if (range[0] == range[1]) {
      compare(range[0], IF_ICMPEQ, to);
    } else if (range[0] == -128) {
      compare(range[1], IF_ICMPLE, to);
    } else if (range[1] == 127) {
      compare(range[0], IF_ICMPGE, to);
    } else {
      between(range[0], range[1], to);
    }
  }

  private void between(int least, int most, Label to) {
    Label not = new Label();
    compare(least, IF_ICMPLT, not);
    compare(most, IF_ICMPLE, to);
    place(not);
  }

  private void compare(int with, int how, Label to) {
    code.visitVarInsn(ILOAD, C);
    number(code, with);
    code.visitJumpInsn(how, to);
  }

  /**
   * A jump for each way that the next byte can lead. Bytes in a row that lead the same way are asked for together: of cases of their own
   * HotSpot leaves out those that it has not seen, and compiles all anew when a log comes from one hour to the next.
   */
  private void choose(Step step) {
    List<Step> order = new ArrayList<>();
    int[] way = new int[First.SIZE];
    int[] sizes = new int[First.SIZE];
    for (int c = 0; c < First.SIZE; c++) {
      way[c] = c > 0 && step.targets[c] == step.targets[c - 1] ? way[c - 1] : place(order, step.targets[c]);
      sizes[way[c]]++;
    }
    int usual = 0;
    for (int i = 0; i < order.size(); i++) {
      usual = sizes[i] > sizes[usual] ? i : usual;
    }
    number(code, First.END);
    code.visitVarInsn(ISTORE, C);
    Label known = new Label();
    code.visitVarInsn(ILOAD, POS);
    if (step.ahead > 0) {
      number(code, step.ahead);
      code.visitInsn(IADD);
    }
    code.visitVarInsn(ILOAD, TO);
    code.visitJumpInsn(IF_ICMPGE, known);
    byteAt(step.ahead);
    number(code, 0xff);
    code.visitInsn(IAND);
    code.visitVarInsn(ISTORE, C);
    place(known);
    TreeMap<Integer, Label> keys = new TreeMap<>();
    List<Label> ways = new ArrayList<>();
    for (Step target : order) {
      ways.add(target == null ? fail : part[target.id] == here ? labels[target.id] : new Label());
    }
    if (First.SIZE - sizes[usual] <= 12) {
      for (int c = 0, end; c < First.SIZE; c = end) {
        end = c + 1;
        while (end < First.SIZE && way[end] == way[c]) {
          end++;
        }
        if (way[c] != usual && end - c > 1) {
          between(c, end - 1, ways.get(way[c]));
        } else if (way[c] != usual) {
          keys.put(c, ways.get(way[c]));
        }
      }
      code.visitVarInsn(ILOAD, C);
      lookup(keys, ways.get(usual));
    } else {
      code.visitVarInsn(ILOAD, C);
      byte[] map = new byte[First.SIZE];
      for (int c = 0; c < First.SIZE; c++) {
        map[c] = (byte) way[c];
      }
      byte[] same = maps.putIfAbsent(new String(map, StandardCharsets.ISO_8859_1), map);
      constant(same == null ? map : same);
      code.visitInsn(SWAP);
      code.visitInsn(BALOAD);
      if (order.size() == 2) {
        code.visitJumpInsn(IFEQ, ways.get(0));
        code.visitJumpInsn(GOTO, ways.get(1));
      } else {
        number(code, 0xff);
        code.visitInsn(IAND);
        code.visitTableSwitchInsn(0, order.size() - 1, fail, ways.toArray(new Label[0]));
      }
    }
    for (int i = 0; i < order.size(); i++) {
      if (order.get(i) != null && part[order.get(i).id] != here) {
        place(ways.get(i));
        go(order.get(i));
      }
    }
  }

  private static int place(List<Step> order, Step target) {
    for (int i = 0; i < order.size(); i++) {
      if (order.get(i) == target) {
        return i;
      }
    }
    order.add(target);
    return order.size() - 1;
  }

  // ---------------------------------------------------------------- pieces

  /** A label that all jumps find with the same locals and an empty stack. The NOP keeps two of them apart. */
  private void place(Label label) {
    code.visitLabel(label);
    code.visitFrame(F_NEW, LOCALS.length, LOCALS, 0, new Object[0]);
    code.visitInsn(NOP);
  }

  private void lookup(TreeMap<Integer, Label> labels, Label otherwise) {
    int[] keys = new int[labels.size()];
    int count = 0;
    for (int key : labels.keySet()) {
      keys[count++] = key;
    }
    code.visitLookupSwitchInsn(otherwise, keys, labels.values().toArray(new Label[0]));
  }

  private void go(Step step) {
    if (part[step.id] == here) {
      code.visitJumpInsn(GOTO, labels[step.id]);
    } else {
      number(code, step.id);
      code.visitVarInsn(ISTORE, STATE);
      code.visitJumpInsn(GOTO, leave);
    }
  }

  private void failAtEnd() {
    code.visitVarInsn(ILOAD, POS);
    code.visitVarInsn(ILOAD, TO);
    code.visitJumpInsn(IF_ICMPGE, fail);
  }

  private void byteAt(int offset) {
    code.visitVarInsn(ALOAD, B);
    code.visitVarInsn(ILOAD, POS);
    if (offset != 0) {
      number(code, offset);
      code.visitInsn(IADD);
    }
    code.visitInsn(BALOAD);
  }

  private void place4() {
    code.visitVarInsn(ALOAD, B);
    code.visitVarInsn(ILOAD, POS);
    code.visitVarInsn(ILOAD, TO);
  }

  /** A method of the run, which lies on the stack with the arguments. */
  private void runCall(String name, String type) {
    code.visitMethodInsn(INVOKEVIRTUAL, RUN, name, type, false);
  }

  private void setPosOrFail() {
    code.visitInsn(DUP);
    code.visitVarInsn(ISTORE, POS);
    code.visitJumpInsn(IFLT, fail);
  }

  private void push(Step other) {
    code.visitVarInsn(ALOAD, RUN_AT);
    number(code, other.id);
    code.visitVarInsn(ILOAD, POS);
    code.visitInsn(ICONST_0);
    runCall("push", "(III)V");
  }

  private void notePos(int slot) {
    code.visitVarInsn(ALOAD, SLOTS);
    number(code, slot);
    code.visitVarInsn(ILOAD, POS);
    code.visitInsn(IASTORE);
  }

  /** Notes how many choices are open. */
  private void noteHeight(int slot) {
    code.visitVarInsn(ALOAD, SLOTS);
    number(code, slot);
    code.visitVarInsn(ALOAD, RUN_AT);
    code.visitFieldInsn(GETFIELD, RUN, "sp", "I");
    code.visitInsn(IASTORE);
  }

  private void cut(Step step) {
    code.visitVarInsn(ALOAD, RUN_AT);
    code.visitVarInsn(ALOAD, SLOTS);
    number(code, step.slot);
    code.visitInsn(IALOAD);
    code.visitFieldInsn(PUTFIELD, RUN, "sp", "I");
  }

  private void constant(Object value) {
    constant(code, value);
  }

  private void constant(MethodVisitor to, Object value) {
    Integer place = places.putIfAbsent(value, data.size());
    if (place == null) {
      place = data.size();
      data.add(value);
    }
    to.visitFieldInsn(GETSTATIC, SELF, "c" + place, Type.getDescriptor(value.getClass()));
  }

  private static void number(MethodVisitor to, int value) {
    if (value >= -1 && value <= 5) {
      to.visitInsn(ICONST_0 + value);
    } else if (value >= Byte.MIN_VALUE && value <= Byte.MAX_VALUE) {
      to.visitIntInsn(BIPUSH, value);
    } else if (value >= Short.MIN_VALUE && value <= Short.MAX_VALUE) {
      to.visitIntInsn(SIPUSH, value);
    } else {
      to.visitLdcInsn(value);
    }
  }
}
