package io.jcompose.volumes;

import io.jcompose.core.JcomposeException;
import io.jcompose.linux.KernelException;
import io.jcompose.linux.file.DirectoryFd;
import io.jcompose.linux.file.DirectoryNames;
import io.jcompose.linux.file.FileStatus;
import io.jcompose.linux.file.ForeignFile;
import io.jcompose.linux.file.TreeRemoval;
import io.jcompose.linux.mount.UnionView;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import jnr.constants.platform.Errno;
import org.jspecify.annotations.Nullable;

/**
 * Fills an empty volume from an image directory, once. The copy is made beside the data; when it is
 * whole it gets a name that says so, and its entries move into the data one by one, for containers
 * may have that directory mounted. What is in the data is never removed or replaced. Of a copy that
 * is not whole, which a crash or a full disk left, nothing is used; one that is whole is moved on
 * with by the next that comes.
 */
final class CopyUp {
  private static final byte[] DATA = raw("_data");
  private static final byte[] WORK = raw("_data.filling");
  private static final byte[] WHOLE = raw("_data.filled");
  private static final byte[] TREE = raw("tree");
  private static final byte[] FIRSTS = raw("links");
  private static final byte[] OLD_MARK = raw("filling"); // of versions that copied in place

  private final DirectoryFd directory;

  private CopyUp(DirectoryFd directory) {
    this.directory = directory;
  }

  /**
   * Fills the volume unless something is in it.
   *
   * @param volume the volume's own directory
   * @param layers topmost first
   * @param source absolute path in the image; a file or nothing there copies nothing
   * @throws JcomposeException.Unavailable for a full disk, with the volume as it was
   */
  static void fill(Path volume, List<Path> layers, String source) {
    work(
        volume,
        copy -> {
          copy.settle();
          if (copy.isEmpty()) {
            copy.fill(layers, source);
          }
        });
  }

  /** Finishes or gives up what a crash broke off, if anything. */
  static void settle(Path volume) {
    for (byte[] name : List.of(OLD_MARK, WORK, WHOLE)) {
      if (Files.exists(volume.resolve(new String(name, StandardCharsets.US_ASCII)))) {
        work(volume, CopyUp::settle);
        return;
      }
    }
  }

  private interface Task {
    void run(CopyUp copy);
  }

  /**
   * On a thread of its own: a large copy waits for disks in system calls, which would keep one of
   * the few threads that carry virtual ones.
   */
  private static void work(Path volume, Task task) {
    AtomicReference<@Nullable RuntimeException> failure = new AtomicReference<>();
    Thread thread =
        Thread.ofPlatform()
            .name("copy-up")
            .daemon()
            .start(
                () -> {
                  try (DirectoryFd directory = DirectoryFd.open(volume)) {
                    task.run(new CopyUp(directory));
                  } catch (RuntimeException e) {
                    failure.set(e);
                  }
                });
    boolean interrupted = false;
    while (true) { // it is not left behind: the volume is this call's as long as it copies
      try {
        thread.join();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    RuntimeException failed = failure.get();
    if (failed != null) {
      throw explained(failed, volume);
    }
  }

  private static RuntimeException explained(RuntimeException e, Path volume) {
    if (e instanceof KernelException kernel
        && (kernel.is(Errno.ENOSPC) || kernel.is(Errno.EDQUOT))) {
      return new JcomposeException.Unavailable(
          "no space left on device while the volume "
              + volume.getFileName()
              + " was filled from the image: free some and try again; the volume is as it was",
          e);
    }
    return e instanceof JcomposeException
        ? e
        : new JcomposeException.Internal(
            "failed to fill the volume at " + volume + " from the image: " + e.getMessage(), e);
  }

  private void settle() {
    TreeRemoval.remove(directory, OLD_MARK);
    TreeRemoval.remove(directory, WORK);
    if (directory.stat(WHOLE).isPresent()) {
      moveIn();
    }
  }

  private boolean isEmpty() {
    try (DirectoryFd data = directory.openDirectory(DATA);
        DirectoryNames names = data.names()) {
      return names.next().isEmpty();
    }
  }

  private void fill(List<Path> layers, String source) {
    try (UnionView image = UnionView.open(layers)) {
      Optional<ForeignFile> found = image.find(source);
      if (found.isEmpty()) {
        return;
      }
      try (ForeignFile wanted = found.get()) {
        if (wanted.status().isDirectory()) {
          copy(wanted);
          moveIn();
        }
      }
    }
  }

  private void copy(ForeignFile wanted) {
    try {
      directory.mkdir(WORK, 0700);
      try (DirectoryFd work = directory.openDirectory(WORK)) {
        work.mkdir(TREE, 0700);
        work.mkdir(FIRSTS, 0700);
        try (DirectoryFd tree = work.openDirectory(TREE);
            DirectoryFd firsts = work.openDirectory(FIRSTS);
            DirectoryFd from = DirectoryFd.of(wanted)) {
          new TreeCopy(firsts).copy(from, wanted.xattrs(), tree);
        }
        work.rename(TREE, directory, WHOLE);
      }
    } catch (RuntimeException e) {
      giveUp(e);
      throw e;
    }
    TreeRemoval.remove(directory, WORK);
  }

  private void giveUp(RuntimeException cause) {
    try {
      TreeRemoval.remove(directory, WORK);
    } catch (RuntimeException e) {
      cause.addSuppressed(e); // the next one removes it
    }
  }

  /** Of a name that a container has made meanwhile, the container's is kept. */
  private void moveIn() {
    try (DirectoryFd whole = directory.openDirectory(WHOLE);
        DirectoryFd data = directory.openDirectory(DATA)) {
      FileStatus status = whole.stat();
      try (DirectoryNames names = whole.names()) {
        for (List<byte[]> some = names.next(); !some.isEmpty(); some = names.next()) {
          some.forEach(name -> moveIn(whole, name, data));
        }
      }
      TreeCopy.describe(data, status, directory.xattrs(WHOLE));
    }
    TreeRemoval.remove(directory, WHOLE);
  }

  private static void moveIn(DirectoryFd whole, byte[] name, DirectoryFd data) {
    try {
      whole.renameNew(name, data, name);
    } catch (KernelException e) {
      if (!e.is(Errno.EEXIST)) {
        throw e;
      }
    }
  }

  private static byte[] raw(String name) {
    return name.getBytes(StandardCharsets.US_ASCII);
  }
}
