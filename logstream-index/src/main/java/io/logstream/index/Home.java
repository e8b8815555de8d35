package io.logstream.index;

import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.lucene.index.SegmentInfos;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FilterDirectory;
import org.apache.lucene.store.IOContext;
import org.apache.lucene.store.IndexInput;
import org.apache.lucene.store.IndexOutput;
import org.apache.lucene.store.MMapDirectory;
import org.apache.lucene.store.OutputStreamIndexOutput;
import org.apache.lucene.store.SingleInstanceLockFactory;

/**
 * Where one slice is kept: in the heap, or in files that are mapped into memory.
 *
 * @param path where the files are; null in the heap
 */
record Home(Directory directory, Path path) {
  private static final String SEGMENTS = "segments_";
  private static final Pattern REST = Pattern.compile("_.+|pending_segments.*|write\\.lock");

  static Home inHeap() {
    return new Home(HeapInput.directory(), null);
  }

  static Home at(Path path) throws IOException {
    return new Home(new Uninterruptible(new MMapDirectory(path, new SingleInstanceLockFactory())), path);
  }

  boolean isInHeap() {
    return path == null;
  }

  long bytes() throws IOException {
    long bytes = 0;
    try {
      for (String file : directory.listAll()) {
        bytes += length(file);
      }
    } catch (NoSuchFileException e) {
      // somebody has deleted the directory
    }
    return bytes;
  }

  private long length(String file) throws IOException {
    try {
      return directory.fileLength(file);
    } catch (NoSuchFileException e) {
      return 0; // temporary, and gone since it was listed: searches make files as well
    }
  }

  /**
   * Deletes the files of segments that were joined while the writer closed: the view shown until then kept them, and a closed writer deletes
   * nothing. Searches under way still read what they have open.
   */
  void deleteUnused() throws IOException {
    Collection<String> used = SegmentInfos.readLatestCommit(directory).files(true);
    for (String file : directory.listAll()) {
      if (file.startsWith("_") && !file.endsWith(".tmp") && !used.contains(file)) {
        try {
          directory.deleteFile(file);
        } catch (IOException e) {
          // where a file that is mapped cannot be deleted, it goes with the slice
        }
      }
    }
  }

  /** Takes its files out of sight, where the system allows that for files in use: then they are gone with the process, whatever ends it. */
  void hide() {
    try {
      delete(path);
    } catch (IOException e) {
      // deleted with the slice
    }
  }

  /** Lets go of what is kept. Searches under way still read what they have mapped. */
  void delete() throws IOException {
    directory.close();
    if (path != null) {
      delete(path);
    }
  }

  /** Deletes a slice's files; what makes it an index first, so that nobody takes the rest for one. */
  static void delete(Path slice) throws IOException {
    List<Path> rest = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(slice)) {
      for (Path file : files) {
        if (file.getFileName().toString().startsWith(SEGMENTS)) {
          Files.deleteIfExists(file);
        } else {
          rest.add(file);
        }
      }
    } catch (NoSuchFileException e) {
      return;
    }
    for (Path file : rest) {
      Files.deleteIfExists(file);
    }
    Files.deleteIfExists(slice);
  }

  /** Whether a directory holds a slice that was written to its end at least once. */
  static boolean isSlice(Path directory) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, SEGMENTS + "*")) {
      return files.iterator().hasNext();
    }
  }

  /** Whether a directory has nothing but what a slice leaves that was not written to its end, or not deleted to it. */
  static boolean isRest(Path directory) throws IOException {
    try (DirectoryStream<Path> others = Files.newDirectoryStream(directory, file -> !REST.matcher(file.getFileName().toString()).matches())) {
      return !others.iterator().hasNext();
    }
  }

  /**
   * Writes and opens files so that an interrupt spoils neither: it is searches that make new events visible, whoever searches may be interrupted, and a
   * channel closed by that would end the writer. For the same reason there is no lock on a file: the index has one for all its slices.
   */
  private static final class Uninterruptible extends FilterDirectory {
    private static final int BUFFER = 8192;
    private final Path path;

    Uninterruptible(MMapDirectory in) {
      super(in);
      this.path = in.getDirectory();
    }

    @Override
    public IndexOutput createOutput(String name, IOContext context) throws IOException {
      return throughStream(in.createOutput(name, context));
    }

    @Override
    public IndexOutput createTempOutput(String prefix, String suffix, IOContext context) throws IOException {
      return throughStream(in.createTempOutput(prefix, suffix, context));
    }

    private IndexOutput throughStream(IndexOutput made) throws IOException {
      made.close();
      Path file = path.resolve(made.getName());
      return new OutputStreamIndexOutput(file.toString(), made.getName(), new FileOutputStream(file.toFile()), BUFFER);
    }

    @Override
    public IndexInput openInput(String name, IOContext context) throws IOException {
      boolean interrupted = false;
      try {
        for (;;) {
          try {
            return in.openInput(name, context);
          } catch (IOException e) {
            if (!Thread.interrupted()) {
              throw e;
            }
            interrupted = true;
          }
        }
      } finally {
        if (interrupted) {
          Thread.currentThread().interrupt();
        }
      }
    }
  }
}
