package io.logstream.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The file system, with something done before each answer. Wherever it is, inodes are numbered as in ext4: a new file gets the least number
 * that no file has, so the one that the last deleted file had.
 */
abstract class AskedDisk implements Disk {
  private final Map<Object, Integer> numbers = new HashMap<>();
  private final Map<FileChannel, Object> open = new HashMap<>();

  abstract void asked();

  @Override
  public FileTime modified(Path directory) throws IOException {
    asked();
    return Disk.super.modified(directory);
  }

  @Override
  public DirectoryStream<Path> names(Path directory) throws IOException {
    asked();
    return Disk.super.names(directory);
  }

  @Override
  public BasicFileAttributes look(Path file) throws IOException {
    asked();
    return numbered(file);
  }

  private Numbered numbered(Path file) throws IOException {
    BasicFileAttributes found = Disk.super.look(file);
    if (!numbers.containsKey(found.fileKey())) {
      numbers.keySet().retainAll(filesIn(file.getParent()));
      int least = 1;
      while (numbers.containsValue(least)) {
        least++;
      }
      numbers.put(found.fileKey(), least);
    }
    return new Numbered(found, numbers.get(found.fileKey()));
  }

  private Set<Object> filesIn(Path directory) throws IOException {
    open.keySet().removeIf(channel -> !channel.isOpen());
    Set<Object> there = new HashSet<>(open.values());
    try (DirectoryStream<Path> names = Files.newDirectoryStream(directory)) {
      for (Path name : names) {
        there.add(Disk.super.look(name).fileKey());
      }
    }
    return there;
  }

  @Override
  public FileChannel open(Path file) throws IOException {
    asked();
    FileChannel opened = Disk.super.open(file);
    open.put(opened, numbered(file).found.fileKey());
    return opened;
  }

  @Override
  public long size(FileChannel file) throws IOException {
    asked();
    return Disk.super.size(file);
  }

  @Override
  public int read(FileChannel file, ByteBuffer into, long offset) throws IOException {
    asked();
    return Disk.super.read(file, into, offset);
  }

  private record Numbered(BasicFileAttributes found, int number) implements BasicFileAttributes {
    @Override
    public FileTime lastModifiedTime() {
      return found.lastModifiedTime();
    }

    @Override
    public FileTime lastAccessTime() {
      return found.lastAccessTime();
    }

    @Override
    public FileTime creationTime() {
      return found.creationTime();
    }

    @Override
    public boolean isRegularFile() {
      return found.isRegularFile();
    }

    @Override
    public boolean isDirectory() {
      return found.isDirectory();
    }

    @Override
    public boolean isSymbolicLink() {
      return found.isSymbolicLink();
    }

    @Override
    public boolean isOther() {
      return found.isOther();
    }

    @Override
    public long size() {
      return found.size();
    }

    @Override
    public Object fileKey() {
      return "(dev=1,ino=" + number + ")";
    }
  }
}
