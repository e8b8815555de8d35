package io.logstream.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;

/** The file system, with something done before each answer. */
abstract class AskedDisk implements Disk {
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
    return Disk.super.look(file);
  }

  @Override
  public FileChannel open(Path file) throws IOException {
    asked();
    return Disk.super.open(file);
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
}
