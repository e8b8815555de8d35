package io.logstream.file;

import io.logstream.Log;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A live name and the files that have had it, oldest first: one log. They are read in passes. A pass takes the sizes of all files,
 * newest first, and then reads the older ones to their true end and the newest up to the size taken. So what is written late to an old
 * file still comes before what was written to the new one after that.
 */
final class Family {
  final String liveName;
  final Log log;
  final List<TailedFile> files = new ArrayList<>();
  /** The file under way in the present pass; -1 between passes. */
  int at = -1;
  /** Bytes given in the present turn. */
  long turn;
  /** When any of its files was last seen to grow. */
  long grownAt;
  boolean ready;
  boolean news;
  /** How many files have given a line. */
  int found;

  Family(String liveName, Log log) {
    this.liveName = liveName;
    this.log = log;
  }

  /** Begins a pass if anything has grown since the last one. */
  boolean beginPass(long now) throws IOException {
    boolean any = false;
    for (int i = files.size() - 1; i >= 0; i--) {
      TailedFile file = files.get(i);
      if (file.isRead() && !file.undecided) {
        long before = file.size;
        long size = file.look();
        if (size != file.readTo || file.ending) {
          any = true;
          if (size != before) {
            file.grownAt = now;
            file.ending = false;
            grownAt = now;
          }
        }
      }
    }
    at = any ? 0 : -1;
    return any;
  }

  boolean isNewest(int index) {
    for (int i = index + 1; i < files.size(); i++) {
      if (files.get(i).isRead() && !files.get(i).undecided) {
        return false;
      }
    }
    return true;
  }

  TailedFile live() {
    for (int i = files.size() - 1; i >= 0; i--) {
      if (files.get(i).live) {
        return files.get(i);
      }
    }
    return null;
  }

  /** The live file is the newest, whatever the order in which files were found. */
  void liveLast() {
    TailedFile live = live();
    if (live != null && files.get(files.size() - 1) != live) {
      files.remove(live);
      files.add(live);
    }
    at = -1;
  }

  String generation() {
    return files.isEmpty() || files.get(files.size() - 1).lines == null ? "" : files.get(files.size() - 1).lines.generation();
  }

  FileMark mark() {
    List<FileMark.Entry> entries = new ArrayList<>(files.size());
    for (TailedFile file : files) {
      if (file.entry != null) {
        entries.add(file.entry);
      }
    }
    return new FileMark(found, entries);
  }
}
