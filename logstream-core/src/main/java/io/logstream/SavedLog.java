package io.logstream;

import java.nio.ByteBuffer;
import java.util.Map;

/**
 * What a checkpoint says of one log, kept in its saved form, so that only what has changed since the last one is worked out anew: marks
 * and unfinished records never change, a new one comes in their place. Trunk's thread only.
 */
final class SavedLog {
  static final String MARK = "mark";
  static final String OPEN = "open";
  static final String PROGRESS = "progress";
  private static final int NUMBERS = 5;

  private final String markPath;
  private final String openPath;
  private final String progressPath;
  private Mark mark;
  private byte[] markBytes;
  private Framing.Open open;
  private byte[] openBytes;
  private byte[] progressBytes;

  SavedLog(Log log) {
    String own = Saved.path("log", log.source(), log.key());
    markPath = Saved.path(own, MARK);
    openPath = Saved.path(own, OPEN);
    progressPath = Saved.path(own, PROGRESS);
  }

  void putInto(Map<String, byte[]> all, Log log, boolean idle) {
    LogProgress p = log.progress;
    if (p.mark != null) {
      if (p.mark != mark) {
        mark = p.mark;
        markBytes = mark.encode();
      }
      all.put(markPath, markBytes);
    }
    if (p.open == null) {
      open = null;
      openBytes = null;
    } else {
      if (p.open != open) {
        open = p.open;
        openBytes = open.encode(log.framing.joint);
      }
      all.put(openPath, openBytes);
    }
    if (progressBytes == null || !holds(p, idle)) {
      progressBytes = ByteBuffer.allocate(NUMBERS * Long.BYTES + 1)
          .putLong(p.greatest).putLong(p.watermark).putLong(p.arrivedAt).putLong(p.lastReadAt).putLong(p.leap).put((byte) (idle ? 1 : 0)).array();
    }
    all.put(progressPath, progressBytes);
  }

  private boolean holds(LogProgress p, boolean idle) {
    ByteBuffer saved = ByteBuffer.wrap(progressBytes);
    return saved.getLong() == p.greatest && saved.getLong() == p.watermark && saved.getLong() == p.arrivedAt && saved.getLong() == p.lastReadAt
        && saved.getLong() == p.leap && saved.get() == (idle ? 1 : 0);
  }

  /** Takes back what stands under {@link #PROGRESS}. */
  static void restore(LogProgress p, byte[] progress) {
    ByteBuffer saved = ByteBuffer.wrap(progress);
    p.greatest = saved.getLong();
    p.watermark = saved.getLong();
    p.arrivedAt = saved.getLong();
    p.lastReadAt = saved.getLong();
    p.leap = saved.getLong();
    p.idle = saved.get() != 0;
  }
}
