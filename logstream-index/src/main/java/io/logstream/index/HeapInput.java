package io.logstream.index;

import java.io.EOFException;
import java.io.IOException;
import org.apache.lucene.store.ByteBuffersDataOutput;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.apache.lucene.store.IndexInput;
import org.apache.lucene.store.RandomAccessInput;
import org.apache.lucene.store.SingleInstanceLockFactory;
import org.apache.lucene.util.BitUtil;

/**
 * A file in the heap, in one array. Lucene's own input over a list of buffers is slow at what searches do most: reading a byte, and going somewhere
 * else.
 */
final class HeapInput extends IndexInput implements RandomAccessInput {
  private final byte[] bytes;
  private final int from;
  private final int length;
  private int at;

  private HeapInput(String name, byte[] bytes, int from, int length) {
    super(name);
    this.bytes = bytes;
    this.from = from;
    this.length = length;
    this.at = from;
  }

  /** A directory in the heap, of which files are read by this. */
  static ByteBuffersDirectory directory() {
    return new ByteBuffersDirectory(new SingleInstanceLockFactory(), ByteBuffersDataOutput::new, (name, written) -> {
      byte[] bytes = written.toArrayCopy();
      return new HeapInput(name, bytes, 0, bytes.length);
    });
  }

  private EOFException beyond(long position) {
    return new EOFException("position " + position + " of " + length + " in " + this);
  }

  /** Where the next bytes are, of which there must be so many; goes behind them. */
  private int next(int size) throws EOFException {
    int its = at;
    if (size > from + length - its) {
      throw beyond(its - from + (long) size);
    }
    at = its + size;
    return its;
  }

  private int place(long position, int size) throws EOFException {
    if (position < 0 || position > length - size) {
      throw beyond(position);
    }
    return from + (int) position;
  }

  @Override
  public byte readByte() throws IOException {
    return bytes[next(1)];
  }

  @Override
  public void readBytes(byte[] to, int offset, int size) throws IOException {
    System.arraycopy(bytes, next(size), to, offset, size);
  }

  @Override
  public short readShort() throws IOException {
    return (short) BitUtil.VH_LE_SHORT.get(bytes, next(Short.BYTES));
  }

  @Override
  public int readInt() throws IOException {
    return (int) BitUtil.VH_LE_INT.get(bytes, next(Integer.BYTES));
  }

  @Override
  public long readLong() throws IOException {
    return (long) BitUtil.VH_LE_LONG.get(bytes, next(Long.BYTES));
  }

  @Override
  public void skipBytes(long size) throws IOException {
    seek(at - from + size);
  }

  @Override
  public long getFilePointer() {
    return at - from;
  }

  @Override
  public void seek(long position) throws IOException {
    at = place(position, 0);
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public IndexInput slice(String what, long offset, long size) throws IOException {
    if (offset < 0 || size < 0 || offset > length - size) {
      throw new IllegalArgumentException("slice from " + offset + ", " + size + " bytes long, of " + length + " in " + this);
    }
    return new HeapInput(getFullSliceDescription(what), bytes, from + (int) offset, (int) size);
  }

  @Override
  public byte readByte(long position) throws IOException {
    return bytes[place(position, 1)];
  }

  @Override
  public short readShort(long position) throws IOException {
    return (short) BitUtil.VH_LE_SHORT.get(bytes, place(position, Short.BYTES));
  }

  @Override
  public int readInt(long position) throws IOException {
    return (int) BitUtil.VH_LE_INT.get(bytes, place(position, Integer.BYTES));
  }

  @Override
  public long readLong(long position) throws IOException {
    return (long) BitUtil.VH_LE_LONG.get(bytes, place(position, Long.BYTES));
  }

  @Override
  public void close() {}
}
