package io.logstream.examples;

import io.logstream.Emitter;
import io.logstream.LogEvent;
import io.logstream.LogStream;
import io.logstream.Pipeline;
import io.logstream.PipelineException;
import io.logstream.Processor;
import io.logstream.RunningPipeline;
import io.logstream.Sink;
import io.logstream.StageContext;
import io.logstream.file.FileTail;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOError;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Prints every line that arrives, like a {@code tail -F} that survives rotation and restart. SIGTERM stops it cleanly; the next start goes
 * on where it stopped. After a {@code kill -9} the lines since the last checkpoint, one second at most, come again.
 *
 * <pre>FollowFile PATH_OR_GLOB STATE_DIR</pre>
 */
public final class FollowFile {
  private FollowFile() {}

  static Pipeline pipeline(String pathOrGlob, Path stateDir, OutputStream out) {
    return LogStream.named("follow").from(source(pathOrGlob)).to("print", new Lines(out)).build()
        .checkpointIn(stateDir).checkpointEvery(Duration.ofSeconds(1));
  }

  private static FileTail source(String pathOrGlob) {
    int slash = pathOrGlob.lastIndexOf('/');
    String dir = slash < 0 ? "." : slash == 0 ? "/" : pathOrGlob.substring(0, slash);
    String name = pathOrGlob.substring(slash + 1);
    if (name.isEmpty() || isGlob(dir)) {
      throw new Program.WrongUsage("only the name of the file may have * or ?, its directory may not, was '" + pathOrGlob + "'");
    }
    return isGlob(name) ? FileTail.matching(Path.of(dir), name) : FileTail.of(Path.of(pathOrGlob));
  }

  private static boolean isGlob(String name) {
    return name.indexOf('*') >= 0 || name.indexOf('?') >= 0;
  }

  /** Writes the bytes of every line as they are, and makes them visible whenever nothing more is there at once. */
  private record Lines(OutputStream to) implements Sink {
    @Override
    public boolean blocks() {
      return true;
    }

    @Override
    public Processor open(StageContext context) {
      return new Processor() {
        private byte[] buffer = new byte[64 * 1024];
        private int used;

        @Override
        public void process(LogEvent event, Emitter out) {
          int length = event.to() - event.from();
          if (used + length + 1 > buffer.length) {
            flush();
            if (length + 1 > buffer.length) {
              buffer = new byte[length + 1];
            }
          }
          System.arraycopy(event.bytes(), event.from(), buffer, used, length);
          used += length;
          buffer[used++] = '\n';
        }

        @Override
        public void onQuiet() {
          flush();
        }

        @Override
        public void flush() {
          try {
            to.write(buffer, 0, used);
            to.flush();
          } catch (IOException e) {
            // nobody reads any more: an error ends the run, and what was not printed comes at the next start
            throw new IOError(e);
          }
          used = 0;
        }
      };
    }
  }

  private static void stop(RunningPipeline running) {
    try {
      running.close();
    } catch (PipelineException e) {
      // the main thread has said so
    }
  }

  /** Follows until it is told to stop. */
  public static void main(String[] args) {
    Program.of("FollowFile PATH_OR_GLOB STATE_DIR").run(args, 2, 2, given -> {
      OutputStream out = new FileOutputStream(FileDescriptor.out);
      RunningPipeline running = pipeline(given.get(0), Path.of(given.get(1)), out).start();
      Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(running), "stop"));
      running.await();
    });
  }
}
