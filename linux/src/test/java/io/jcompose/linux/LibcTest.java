package io.jcompose.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jnr.constants.platform.Errno;
import org.junit.jupiter.api.Test;

class LibcTest {
  /** Functions of man 2. */
  public interface Functions {
    int getpid();

    int open(String path, int flags);
  }

  private final Functions libc = Libc.load(Functions.class);

  @Test
  void callsTheKernel() {
    assertThat(libc.getpid()).isEqualTo((int) ProcessHandle.current().pid());
  }

  @Test
  void namesCallArgumentAndErrno() {
    assertThatThrownBy(() -> Libc.check(libc.open("/nowhere", 0), "open", "/nowhere"))
        .isInstanceOfSatisfying(KernelException.class, e -> assertThat(e.is(Errno.ENOENT)).isTrue())
        .hasMessage("open /nowhere: ENOENT (No such file or directory)");
  }
}
