package io.logstream.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;

/**
 * What following asks of the file system. Between any two questions files may be written, renamed, truncated and deleted: nothing that was
 * answered is true for longer than the answer takes.
 */
interface Disk {
  /** The file system as it is. */
  Disk SYSTEM = new Disk() {};

  default FileTime modified(Path directory) throws IOException {
    return Files.getLastModifiedTime(directory);
  }

  default DirectoryStream<Path> names(Path directory) throws IOException {
    return Files.newDirectoryStream(directory);
  }

  default BasicFileAttributes look(Path file) throws IOException {
    return Files.readAttributes(file, BasicFileAttributes.class);
  }

  default FileChannel open(Path file) throws IOException {
    return FileChannel.open(file, StandardOpenOption.READ);
  }

  default long size(FileChannel file) throws IOException {
    return file.size();
  }

  default int read(FileChannel file, ByteBuffer into, long offset) throws IOException {
    return file.read(into, offset);
  }

}
