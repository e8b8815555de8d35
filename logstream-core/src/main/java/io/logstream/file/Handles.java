package io.logstream.file;

import java.io.IOException;
import java.util.LinkedHashSet;

/** The handles that are open, least recently used first; over the cap those rest that can. */
final class Handles {
  /** So many are asked whether they have been read to their end before one is taken that has not. */
  private static final int ASKED = 16;

  final Disk disk;
  private final int most;
  private final LinkedHashSet<Handle> open = new LinkedHashSet<>();
  private Handle latest;

  Handles(int most, Disk disk) {
    this.most = most;
    this.disk = disk;
  }

  int open() {
    return open.size();
  }

  void used(Handle handle) {
    if (handle != latest) {
      open.remove(handle);
      open.add(handle);
      latest = handle;
    }
  }

  void closed(Handle handle) {
    open.remove(handle);
    if (latest == handle) {
      latest = null;
    }
  }

  /** Lets one rest if there are as many as may be. A file without a name keeps its handle: nothing else leads to it. */
  void makeRoom() {
    if (open.size() < most) {
      return;
    }
    Handle behind = null;
    Handle chosen = null;
    int asked = 0;
    for (Handle handle : open) {
      boolean done = handle.isReadToTheEnd();
      if ((done || behind == null) && handle.mayRest()) {
        if (done) {
          chosen = handle;
          break;
        }
        behind = handle;
      }
      if (++asked >= ASKED && behind != null) {
        break;
      }
    }
    chosen = chosen == null ? behind : chosen;
    if (chosen != null) {
      try {
        chosen.close();
      } catch (IOException e) {
        // it was only read
      }
    }
  }
}
