package io.jcompose.cli.engine;

import io.jcompose.cli.client.LockFiles;
import io.jcompose.cli.terminal.CommandFailure;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a state root from the engine that holds it, by asking that one to end; containers run on
 * meanwhile. So a unit of the service manager goes on with what a command's engine began, and a new
 * version with an old one's. Works by signal, for the other engine may be of any version.
 */
final class TakeOver {
  private static final Logger LOG = LoggerFactory.getLogger(TakeOver.class);

  private TakeOver() {}

  /**
   * Waits until the other engine has ended and its lock is this process's.
   *
   * @return false when the holder cannot be told for sure, and so was left alone
   * @throws CommandFailure when it does not end
   */
  static boolean from(Path lockFile, FileChannel channel) throws IOException {
    Optional<ProcessHandle> holder = holder(lockFile);
    if (holder.isEmpty()) {
      return false;
    }
    LOG.info("taking over from the engine with pid {}; containers run on", holder.get().pid());
    holder.get().destroy();
    return LockFiles.lock(channel, lockFile).isValid();
  }

  /**
   * The process that the file names, if it has the file open: after a crash the pid may be
   * anyone's.
   */
  private static Optional<ProcessHandle> holder(Path lockFile) throws IOException {
    String pid = Files.readString(lockFile).strip();
    if (!pid.matches("\\d{1,18}")) {
      return Optional.empty();
    }
    return ProcessHandle.of(Long.parseLong(pid)).filter(process -> hasOpen(pid, lockFile));
  }

  private static boolean hasOpen(String pid, Path file) {
    try (Stream<Path> descriptors = Files.list(Path.of("/proc", pid, "fd"))) {
      return descriptors.anyMatch(descriptor -> isSame(descriptor, file));
    } catch (IOException e) {
      LOG.debug("cannot see the files of process {}: {}", pid, e.toString());
      return false;
    }
  }

  private static boolean isSame(Path descriptor, Path file) {
    try {
      return Files.isSameFile(descriptor, file);
    } catch (IOException e) {
      return false; // closed meanwhile, or no file
    }
  }
}
