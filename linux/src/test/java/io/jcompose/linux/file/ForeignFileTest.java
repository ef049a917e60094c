package io.jcompose.linux.file;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.jcompose.linux.KernelException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.atomic.AtomicBoolean;
import jnr.constants.platform.Errno;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ForeignFileTest {
  private static final int FIFO = 0010600;

  @TempDir Path folder;
  private DirectoryFd directory;

  @BeforeEach
  void open() {
    directory = DirectoryFd.open(folder);
  }

  @AfterEach
  void close() {
    directory.close();
  }

  private static byte[] raw(String name) {
    return name.getBytes(UTF_8);
  }

  private void refuses(String name, Errno errno, String kind) {
    for (boolean writes : new boolean[] {false, true}) {
      assertThatThrownBy(
              () -> {
                if (writes) {
                  directory.overwriteFile(raw(name)).close();
                } else {
                  directory.openFile(raw(name)).close();
                }
              })
          .isInstanceOf(KernelException.class)
          .hasMessageContaining(folder.resolve(name) + ", " + kind)
          .hasMessageContaining(errno.name());
    }
  }

  @Test
  void opensRegularFilesOnlyAndWaitsForNone() throws Exception {
    Files.createSymbolicLink(folder.resolve("link"), Path.of("/etc/passwd"));
    Files.createDirectory(folder.resolve("directory"));
    directory.mknod(raw("fifo"), FIFO, 0);
    refuses("link", Errno.ELOOP, "a symbolic link");
    refuses("directory", Errno.EISDIR, "a directory");
    refuses("fifo", Errno.ENXIO, "a FIFO");
    try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      socket.bind(UnixDomainSocketAddress.of(folder.resolve("socket")));
      refuses("socket", Errno.ENXIO, "a socket");
    }
    try (ForeignFile zero = ForeignFile.at(Path.of("/dev/zero"))) {
      assertThatThrownBy(zero::read).hasMessageContaining("/dev/zero, a character device");
    }
  }

  @Test
  void followsLinksOfAPathThatAPersonNamed() throws IOException {
    Files.writeString(folder.resolve("file"), "text");
    Files.createSymbolicLink(folder.resolve("link"), folder.resolve("file"));
    assertThat(ForeignFile.content(folder.resolve("link"), 4)).isEqualTo(raw("text"));
    assertThatThrownBy(() -> ForeignFile.content(folder.resolve("link"), 3))
        .hasMessageContaining("EFBIG");
    assertThatThrownBy(() -> ForeignFile.content(folder.resolve("none"), 3))
        .hasMessageContaining("ENOENT");
  }

  @Test
  void theFileThatWasLookedAtIsTheOneThatIsRead() throws IOException {
    Files.writeString(folder.resolve("file"), "first");
    try (ForeignFile file = directory.entry(raw("file"))) {
      Files.delete(folder.resolve("file"));
      directory.mknod(raw("file"), FIFO, 0);
      try (FileFd open = file.read()) {
        byte[] buffer = new byte[10];
        assertThat(open.read(buffer)).isEqualTo(5);
      }
    }
  }

  @Test
  void neverReadsOrEmptiesWhatIsPutInThePlaceOfAFile() throws Exception {
    Path secret = Files.writeString(folder.resolve("secret"), "SECRET");
    AtomicBoolean done = new AtomicBoolean();
    Thread swapper =
        Thread.ofPlatform()
            .start(
                () -> {
                  try (DirectoryFd own = DirectoryFd.open(folder)) {
                    while (!done.get()) {
                      swap(own, secret);
                    }
                  }
                });
    try {
      byte[] buffer = new byte[10];
      for (int i = 0; i < 20_000; i++) {
        boolean writes = i % 2 == 0;
        Throwable refused =
            catchThrowable(
                () -> {
                  try (FileFd file =
                      writes ? directory.overwriteFile(raw("x")) : directory.openFile(raw("x"))) {
                    assertThat(writes ? 0 : file.read(buffer)).isIn(0, 4);
                  }
                });
        assertThat(refused == null || refused instanceof KernelException).isTrue();
      }
      assertThat(swapper.isAlive()).isTrue();
      assertThat(secret).hasContent("SECRET");
    } finally {
      done.set(true);
      swapper.join();
    }
  }

  private void swap(DirectoryFd own, Path secret) {
    try {
      Path next = folder.resolve("next");
      Path x = folder.resolve("x");
      Files.writeString(next, "file");
      Files.move(next, x, StandardCopyOption.REPLACE_EXISTING);
      own.mknod(raw("next"), FIFO, 0);
      Files.move(next, x, StandardCopyOption.REPLACE_EXISTING);
      Files.createSymbolicLink(next, secret);
      Files.move(next, x, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
