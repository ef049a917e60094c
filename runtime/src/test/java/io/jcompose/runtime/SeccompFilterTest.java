package io.jcompose.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.runtime.SeccompFilter.Arch;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Runs the filters in a small interpreter of classic BPF. */
class SeccompFilterTest {
  private static final int ALLOW = 0x7fff0000;
  private static final int EPERM = 0x00050001;
  private static final int ENOSYS = 0x00050026;

  private static int run(byte[] filter, Arch arch, int number, int firstArgument) {
    ByteBuffer code = ByteBuffer.wrap(filter).order(ByteOrder.nativeOrder());
    int accumulator = 0;
    for (int at = 0; ; at++) {
      int op = code.getShort(at * 8);
      int whenTrue = code.get(at * 8 + 2) & 0xff;
      int whenFalse = code.get(at * 8 + 3) & 0xff;
      int k = code.getInt(at * 8 + 4);
      switch (op) {
        case 0x20 ->
            accumulator =
                switch (k) {
                  case 0 -> number;
                  case 4 -> arch.audit;
                  case 16 -> firstArgument;
                  default -> throw new AssertionError("load " + k);
                };
        case 0x15 -> at += accumulator == k ? whenTrue : whenFalse;
        case 0x35 -> at += Integer.compareUnsigned(accumulator, k) >= 0 ? whenTrue : whenFalse;
        case 0x45 -> at += (accumulator & k) != 0 ? whenTrue : whenFalse;
        case 0x05 -> at += k;
        case 0x06 -> {
          return k;
        }
        default -> throw new AssertionError("op " + op);
      }
    }
  }

  private static int verdict(long caps, Arch nativeArch, Arch arch, String name, int argument) {
    return run(
        SeccompFilter.compile(caps, nativeArch),
        arch,
        SeccompFilter.numbers(arch).get(name),
        argument);
  }

  @Test
  void allowsAndRefusesByNameOnEachArchitecture() {
    for (Arch arch : Arch.values()) {
      Arch nativeArch = arch == Arch.ARM64 ? Arch.ARM64 : Arch.X86_64;
      for (String name :
          List.of(
              "read",
              "write",
              "openat",
              "execve",
              "futex",
              "setresuid",
              "capset",
              "exit_group",
              "chroot")) {
        assertThat(verdict(Capabilities.DEFAULT, nativeArch, arch, name, 0))
            .as(arch + " " + name)
            .isEqualTo(ALLOW);
      }
      for (String name :
          List.of(
              "mount",
              "bpf",
              "keyctl",
              "init_module",
              "unshare",
              "setns",
              "io_uring_setup",
              "userfaultfd",
              "reboot",
              "kexec_load",
              "swapon")) {
        assertThat(verdict(Capabilities.DEFAULT, nativeArch, arch, name, 0))
            .as(arch + " " + name)
            .isEqualTo(EPERM);
      }
      assertThat(verdict(Capabilities.ALL, nativeArch, arch, "mount", 0)).isEqualTo(ALLOW);
      assertThat(verdict(Capabilities.ALL, nativeArch, arch, "keyctl", 0)).isEqualTo(EPERM);
    }
  }

  @Test
  void looksAtArguments() {
    for (Arch arch : List.of(Arch.X86_64, Arch.I386)) {
      assertThat(verdict(Capabilities.DEFAULT, Arch.X86_64, arch, "clone", 0x11)).isEqualTo(ALLOW);
      assertThat(verdict(Capabilities.DEFAULT, Arch.X86_64, arch, "clone", 0x10000000))
          .isEqualTo(EPERM);
      assertThat(verdict(Capabilities.DEFAULT, Arch.X86_64, arch, "clone3", 0)).isEqualTo(ENOSYS);
      assertThat(verdict(Capabilities.ALL, Arch.X86_64, arch, "clone3", 0)).isEqualTo(ALLOW);
      for (int family : new int[] {1, 2, 10, 16, 17, 39, 41}) {
        assertThat(verdict(Capabilities.DEFAULT, Arch.X86_64, arch, "socket", family))
            .isEqualTo(ALLOW);
      }
      assertThat(verdict(Capabilities.DEFAULT, Arch.X86_64, arch, "socket", 38)).isEqualTo(EPERM);
      assertThat(verdict(Capabilities.DEFAULT, Arch.X86_64, arch, "socket", 40)).isEqualTo(EPERM);
      for (Map.Entry<Integer, Integer> e :
          Map.of(
                  0, ALLOW, 8, ALLOW, 0x20000, ALLOW, 0x20008, ALLOW, -1, ALLOW, 1, EPERM, 0x40000,
                  EPERM)
              .entrySet()) {
        assertThat(verdict(Capabilities.DEFAULT, Arch.X86_64, arch, "personality", e.getKey()))
            .isEqualTo(e.getValue());
      }
    }
  }

  @Test
  void answersUnknownCallsAndArchitectures() {
    byte[] filter = SeccompFilter.compile(Capabilities.DEFAULT, Arch.X86_64);
    assertThat(run(filter, Arch.X86_64, 5000, 0)).isEqualTo(ENOSYS);
    assertThat(run(filter, Arch.X86_64, 0x40000000, 0)).isEqualTo(ENOSYS);
    assertThat(run(filter, Arch.X86_64, -1, 0)).isEqualTo(ENOSYS);
    assertThat(run(filter, Arch.ARM64, 0, 0)).isEqualTo(0x80000000);
    assertThat(filter.length / 8).isLessThan(4096);
  }
}
