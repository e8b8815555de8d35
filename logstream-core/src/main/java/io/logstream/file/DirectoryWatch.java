package io.logstream.file;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystems;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * The file system's own news of a directory. They only tell when to look: that there are none means nothing. Where they cannot be had,
 * waiting is all that this does. Reader's thread only, except {@link #wake}.
 */
final class DirectoryWatch {
  /** What is told. */
  interface Told {
    /** Something was written to a file of this name. */
    void written(String name);

    /** A name has come, gone, or been given to something else; or nobody knows what has happened. Null for the latter. */
    void changed(String name);
  }

  private final Path dir;
  private final Consumer<String> refused;
  private volatile WatchService service;
  private boolean refusedOnce;
  private boolean watching;
  private volatile boolean woken;

  /**
   * A watch that has not begun.
   *
   * @param refused told why, once, where there can be none
   */
  DirectoryWatch(Path dir, Consumer<String> refused) {
    this.dir = dir;
    this.refused = refused;
  }

  boolean isWatching() {
    return watching;
  }

  /** Begins as soon as that is possible. True if that was now: what happened before is not told. */
  boolean begin() {
    if (watching || refusedOnce) {
      return false;
    }
    try {
      if (service == null) {
        service = FileSystems.getDefault().newWatchService();
      }
      dir.register(service, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_MODIFY, StandardWatchEventKinds.ENTRY_DELETE);
      watching = true;
      return true;
    } catch (NoSuchFileException | NotDirectoryException | ClosedWatchServiceException e) {
      // it may appear later, or the run is being closed
    } catch (IOException | UnsupportedOperationException e) {
      refusedOnce = true;
      close();
      refused.accept(e.toString());
    }
    return false;
  }

  /** Waits for news, at most this long, and tells them. */
  void await(long nanos, Told told) {
    WatchService from = service;
    if (from == null || !watching) {
      pause(nanos);
      return;
    }
    try {
      WatchKey key = from.poll(woken ? 0 : nanos, TimeUnit.NANOSECONDS);
      if (key != null) {
        tell(key, told);
        tellNews(told);
      }
    } catch (ClosedWatchServiceException e) {
      service = null;
      watching = false;
    } catch (InterruptedException e) {
      // the mark is left off: a file channel that is read by an interrupted thread closes itself
    }
    woken = false;
  }

  /** Tells the news that there are. */
  void tellNews(Told told) {
    WatchService from = service;
    if (from == null || !watching) {
      return;
    }
    try {
      for (WatchKey key = from.poll(); key != null; key = from.poll()) {
        tell(key, told);
      }
    } catch (ClosedWatchServiceException e) {
      service = null;
      watching = false;
    }
  }

  /** Waits, whatever the news are. */
  void pause(long nanos) {
    if (nanos > 0 && !woken) {
      LockSupport.parkNanos(this, nanos);
    }
    woken = false;
  }

  private void tell(WatchKey key, Told told) {
    for (WatchEvent<?> event : key.pollEvents()) {
      String name = event.context() instanceof Path path ? path.toString() : null;
      if (name != null && event.kind() == StandardWatchEventKinds.ENTRY_MODIFY) {
        told.written(name);
      } else {
        told.changed(name);
      }
    }
    if (!key.reset()) {
      close();
      told.changed(null);
    }
  }

  /** Ends a wait, from another thread. */
  void wake() {
    woken = true;
    WatchService from = service;
    if (from != null) {
      try {
        from.close();
      } catch (IOException e) {
        // it ends by itself after the time that was given
      }
    }
  }

  void close() {
    WatchService from = service;
    service = null;
    watching = false;
    if (from != null) {
      try {
        from.close();
      } catch (IOException e) {
        // nothing depends on it any more
      }
    }
  }
}
