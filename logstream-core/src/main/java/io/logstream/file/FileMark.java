package io.logstream.file;

import io.logstream.Mark;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * How far one log has been read.
 *
 * @param found how many files of it have given a line
 * @param files an entry for each of its files that still exists, oldest first
 * @param archives one for each of its compressed files of which something is known
 * @param gone files that are not there any more, but of which a compressed one may be the copy that has not been looked into yet
 */
record FileMark(int found, List<Entry> files, List<Archived> archives, List<Entry> gone) implements Mark {
  private static final int VERSION = 5;

  /**
   * How far a compressed file has been read.
   *
   * @param entry offsets are those of its text, the size is its own
   * @param done whether nothing more is to be read of it
   */
  record Archived(Entry entry, boolean done) {}

  /**
   * How far one file has been read, and by what it is known again.
   *
   * @param key device and inode
   * @param generation the file's part in the position of its records
   * @param start where its content begins, behind the hole that a truncation left
   * @param headLength how many bytes from {@code start} on {@code head} covers
   * @param offset up to where its lines are delivered
   * @param line how many lines that is
   * @param within how many parts of the line were given whose rest follows, {@link #SKIPS} if that is left out, 0 if a line begins
   * @param tail fingerprint of the bytes before {@code offset}
   * @param size what was seen of it at least
   * @param ahead up to where its content is known beyond the offset; 0 if it is not
   * @param end fingerprint of the bytes before that
   * @param live whether it had the live name
   * @param encoding in what it is written
   * @param copyOf the key of the file of which it is a copy, and so not read; empty for all others
   * @param samples the last ones before {@code offset}
   */
  record Entry(String key, String generation, long start, int headLength, long head, long offset, long line, int within, long tail, long size,
      long ahead, long end, boolean live, Encoding encoding, String copyOf, List<Samples.Sample> samples) {
    static final int SKIPS = -1;
    /** Less than this may be alike in files that have nothing to do with each other, such as a common header. */
    static final int TELLING = 2 * Fingerprint.BYTES;

    /** The same of a file that is not there any more, of which so many bytes were not read. */
    Entry gone(long rest) {
      return new Entry(key, generation, start, headLength, head, offset, line, within, tail, offset + rest, 0, 0, false, encoding, copyOf, samples);
    }

    /** The same of another file. */
    Entry as(String otherKey, long otherSize) {
      return new Entry(otherKey, generation, start, headLength, head, offset, line, within, tail, otherSize, 0, 0, false, encoding, "", List.of());
    }

    /** The same without what is known beyond the offset, which a copy need not have. */
    Entry upToOffset() {
      return new Entry(key, generation, start, headLength, head, offset, line, within, tail, size, 0, 0, live, encoding, copyOf, samples);
    }

    int tailLength() {
      return (int) Math.min(Fingerprint.BYTES, offset - start);
    }

    /** Whether anything of it has been delivered, so that its content is known. */
    boolean isKnown() {
      return offset > start;
    }

    /** Whether this is what stands in an open file, at least up to the offset. */
    boolean fits(Content content) throws IOException {
      if (content.size() < offset) {
        return false;
      }
      byte[] bytes = new byte[Fingerprint.BYTES];
      return headLength == content.read(start, bytes, 0, headLength) && Fingerprint.of(bytes, 0, headLength) == head
          && tailLength() == content.read(offset - tailLength(), bytes, 0, tailLength()) && Fingerprint.of(bytes, 0, tailLength()) == tail;
    }

    /** Whether this is what stands in the file itself, also beyond the offset as far as that is known. */
    boolean isStill(Content content) throws IOException {
      return fits(content) && (ahead == 0 || content.size() >= ahead && Fingerprint.before(ahead, content) == end);
    }

    /** By what a shorter file of this size may be known to be the beginning of this one; null where nothing tells. */
    static Samples.Sample telling(List<Samples.Sample> samples, long size) {
      Samples.Sample last = Samples.before(samples, size);
      return last != null && last.offset() >= TELLING && size - last.offset() <= Math.max(64, size / 8) ? last : null;
    }
  }

  @Override
  public byte[] encode() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(32 + 256 * files.size());
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(VERSION);
      out.writeInt(found);
      out.writeInt(files.size());
      for (Entry e : files) {
        write(e, out);
      }
      out.writeInt(archives.size());
      for (Archived archived : archives) {
        write(archived.entry, out);
        out.writeBoolean(archived.done);
      }
      out.writeInt(gone.size());
      for (Entry e : gone) {
        write(e, out);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static void write(Entry e, DataOutputStream out) throws IOException {
    out.writeUTF(e.key);
    out.writeUTF(e.generation);
    out.writeLong(e.start);
    out.writeShort(e.headLength);
    out.writeLong(e.head);
    out.writeLong(e.offset);
    out.writeLong(e.line);
    out.writeInt(e.within);
    out.writeLong(e.tail);
    out.writeLong(e.size);
    out.writeLong(e.ahead);
    out.writeLong(e.end);
    out.writeBoolean(e.live);
    out.writeByte(e.encoding.ordinal());
    out.writeUTF(e.copyOf);
    out.writeByte(e.samples.size());
    for (Samples.Sample sample : e.samples) {
      out.writeLong(sample.offset());
      out.writeLong(sample.print());
    }
  }

  private static Entry read(DataInputStream in) throws IOException {
    return new Entry(in.readUTF(), in.readUTF(), in.readLong(), in.readShort(), in.readLong(), in.readLong(), in.readLong(), in.readInt(), in.readLong(),
        in.readLong(), in.readLong(), in.readLong(), in.readBoolean(), Encoding.values()[in.readByte()], in.readUTF(), readSamples(in));
  }

  private static List<Samples.Sample> readSamples(DataInputStream in) throws IOException {
    int n = in.readByte();
    List<Samples.Sample> samples = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      samples.add(new Samples.Sample(in.readLong(), in.readLong()));
    }
    return samples;
  }

  /**
   * Reads what {@link #encode} wrote.
   *
   * @throws IOException if the bytes are something else
   */
  static FileMark decode(byte[] bytes) throws IOException {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      int version = in.readByte();
      if (version != VERSION) {
        throw new IOException("version " + version + ", this library reads version " + VERSION);
      }
      int found = in.readInt();
      List<Entry> files = readEntries(in);
      int m = in.readInt();
      List<Archived> archives = new ArrayList<>();
      for (int i = 0; i < m; i++) {
        archives.add(new Archived(read(in), in.readBoolean()));
      }
      return new FileMark(found, files, archives, readEntries(in));
    }
  }

  private static List<Entry> readEntries(DataInputStream in) throws IOException {
    int n = in.readInt();
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      entries.add(read(in));
    }
    return entries;
  }
}
