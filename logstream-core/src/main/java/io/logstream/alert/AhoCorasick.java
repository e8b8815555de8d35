package io.logstream.alert;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * Finds which of many pieces of text stand in a text, in one pass over its bytes: A. V. Aho, M. J. Corasick, "Efficient string matching: an aid to
 * bibliographic search", 1975. Every state has its next one for each class of bytes that the pieces tell apart, so a byte costs two look-ups.
 */
final class AhoCorasick {
  private final byte[] classOf = new byte[256];
  private final boolean wide;
  private final int[] wideClassOf = new int[256];
  private final int classes;
  /** The next state by state and class; its sign says that something ends there. */
  private final int[] next;
  private final int[][] endsAt;

  /** An automaton of these pieces, none of them empty; found ones are told by their place here. */
  AhoCorasick(List<byte[]> pieces) {
    int n = 1;
    for (byte[] piece : pieces) {
      for (byte b : piece) {
        if (wideClassOf[b & 0xFF] == 0) {
          wideClassOf[b & 0xFF] = n++;
        }
      }
    }
    classes = n;
    wide = n > 127;
    for (int i = 0; i < 256; i++) {
      classOf[i] = (byte) wideClassOf[i];
    }
    List<int[]> trie = new ArrayList<>();
    List<List<Integer>> ends = new ArrayList<>();
    trie.add(empty());
    ends.add(new ArrayList<>());
    for (int p = 0; p < pieces.size(); p++) {
      int state = 0;
      for (byte b : pieces.get(p)) {
        int c = wideClassOf[b & 0xFF];
        if (trie.get(state)[c] < 0) {
          trie.get(state)[c] = trie.size();
          trie.add(empty());
          ends.add(new ArrayList<>());
        }
        state = trie.get(state)[c];
      }
      ends.get(state).add(p);
    }
    int[] fail = new int[trie.size()];
    ArrayDeque<Integer> queue = new ArrayDeque<>();
    for (int c = 0; c < classes; c++) {
      int to = trie.get(0)[c];
      if (to < 0) {
        trie.get(0)[c] = 0;
      } else {
        queue.add(to);
      }
    }
    while (!queue.isEmpty()) {
      int state = queue.remove();
      ends.get(state).addAll(ends.get(fail[state]));
      for (int c = 0; c < classes; c++) {
        int to = trie.get(state)[c];
        if (to < 0) {
          trie.get(state)[c] = trie.get(fail[state])[c];
        } else {
          fail[to] = trie.get(fail[state])[c];
          queue.add(to);
        }
      }
    }
    next = new int[trie.size() * classes];
    endsAt = new int[trie.size()][];
    for (int s = 0; s < trie.size(); s++) {
      endsAt[s] = ends.get(s).stream().mapToInt(i -> i).toArray();
    }
    for (int s = 0; s < trie.size(); s++) {
      for (int c = 0; c < classes; c++) {
        int to = trie.get(s)[c];
        next[s * classes + c] = endsAt[to].length > 0 ? ~(to * classes) : to * classes;
      }
    }
  }

  private int[] empty() {
    int[] row = new int[classes];
    Arrays.fill(row, -1);
    return row;
  }

  /** Tells each piece that stands in these bytes, once for each place where it does; returns whether any does. */
  boolean find(byte[] bytes, int from, int to, IntConsumer found) {
    int state = 0;
    boolean any = false;
    for (int i = from; i < to; i++) {
      int b = bytes[i] & 0xFF;
      state = next[state + (wide ? wideClassOf[b] : classOf[b])];
      if (state < 0) {
        state = ~state;
        any = true;
        for (int piece : endsAt[state / classes]) {
          found.accept(piece);
        }
      }
    }
    return any;
  }
}
