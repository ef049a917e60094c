package io.jcompose.cli.client;

import io.jcompose.cli.terminal.CommandFailure;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Files that keep two engines apart. Nobody but their owner may open them: who can read a file can
 * hold a lock on it (fcntl(2), F_RDLCK), and so keep an engine from starting.
 */
public final class LockFiles {
  static final FileAttribute<Set<PosixFilePermission>> PRIVATE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private static final FileAttribute<Set<PosixFilePermission>> CLOSED =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx--x---"));

  private static final long LOCK_SECONDS = 60;

  private LockFiles() {}

  /** Makes a folder that is closed to others from its first moment on, whatever the umask. */
  static void makeClosed(Path folder) throws IOException {
    if (Files.isDirectory(folder)) {
      return;
    }
    Path parent = folder.getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    try {
      Files.createDirectory(folder, CLOSED);
    } catch (FileAlreadyExistsException e) {
      if (!Files.isDirectory(folder)) {
        throw e;
      }
    }
  }

  /** Opens a lock file, and closes one to others that an earlier version left open. */
  public static FileChannel open(Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(
            file,
            Set.of(
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                LinkOption.NOFOLLOW_LINKS),
            PRIVATE);
    Files.setPosixFilePermissions(file, PRIVATE.value());
    return channel;
  }

  /**
   * Waits for another command that starts an engine.
   *
   * @throws CommandFailure after a minute: no engine takes that long to start
   */
  public static FileLock lock(FileChannel channel, Path file) throws IOException {
    FutureTask<FileLock> waiting = new FutureTask<>(channel::lock);
    Thread waiter = new Thread(waiting, "start-lock");
    waiter.setDaemon(true);
    waiter.start();
    try {
      return waiting.get(LOCK_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new IOException("cannot lock " + file, e.getCause());
    } catch (InterruptedException e) {
      throw new IOException("interrupted while waiting for " + file, e);
    } catch (TimeoutException e) {
      throw isHeld(file);
    }
  }

  private static CommandFailure isHeld(Path file) {
    return new CommandFailure(
        "another process has held "
            + file
            + " for "
            + LOCK_SECONDS
            + " s: it starts an engine, or"
            + " keeps one from starting (`fuser -v "
            + file
            + "` names it)",
        1);
  }
}
