package io.jcompose.linux.file;

import static io.jcompose.linux.file.FileSystemCalls.LIBC;

import io.jcompose.linux.Libc;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A copy of a program in memory that nobody can change, not even who runs in a process of it
 * (CVE-2019-5736): man 2 memfd_create, F_ADD_SEALS in man 2 fcntl. What was started from it keeps
 * it when it is closed. Owned by its maker.
 */
public final class SealedCopy implements AutoCloseable {
  private static final int MFD_CLOEXEC = 1;
  private static final int MFD_ALLOW_SEALING = 2;
  private static final int F_ADD_SEALS = 1033;
  private static final int SEAL_SHRINK_GROW_WRITE = 0xf; // F_SEAL_SEAL too
  private static final int F_SEAL_EXEC = 0x20; // from Linux 6.3 on

  /** Anybody may look into a process of it, whichever user that is; by another mode nobody. */
  private static final int MODE = 0555;

  private final FileFd file;
  private final Path path;

  private SealedCopy(int fd, String name) {
    file = new FileFd(fd, name);
    path = Path.of("/proc/" + ProcessHandle.current().pid() + "/fd/" + fd);
  }

  public static SealedCopy of(Path program) throws IOException {
    byte[] content = Files.readAllBytes(program);
    String name = String.valueOf(program.getFileName());
    byte[] zeroEnded = KernelArguments.cString(name.getBytes(StandardCharsets.UTF_8));
    int fd = LIBC.memfd_create(zeroEnded, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    SealedCopy copy = new SealedCopy(Libc.check(fd, "memfd_create", name), name);
    try {
      copy.file.write(content, content.length);
      copy.file.chmod(MODE);
      if (LIBC.fcntl(fd, F_ADD_SEALS, SEAL_SHRINK_GROW_WRITE | F_SEAL_EXEC) < 0) {
        Libc.check(LIBC.fcntl(fd, F_ADD_SEALS, SEAL_SHRINK_GROW_WRITE), "seal", name);
      }
      return copy;
    } catch (RuntimeException e) {
      copy.close();
      throw e;
    }
  }

  /** By which it can be executed until it is closed. */
  public Path path() {
    return path;
  }

  @Override
  public void close() {
    file.close();
  }
}
