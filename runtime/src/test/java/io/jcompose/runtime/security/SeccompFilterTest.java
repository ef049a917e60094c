package io.jcompose.runtime.security;

import static io.jcompose.runtime.security.Architecture.ARM64;
import static io.jcompose.runtime.security.Architecture.I386;
import static io.jcompose.runtime.security.Architecture.X86_64;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Runs the filters in a small interpreter of classic BPF. */
class SeccompFilterTest {
  private static final int ALLOW = 0x7fff0000;
  private static final int EPERM = 0x00050001;
  private static final int ENOSYS = 0x00050026;

  static int run(byte[] filter, Architecture arch, int number, long... arguments) {
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
                  default -> word(arguments, k - 16);
                };
        case 0x15 -> at += accumulator == k ? whenTrue : whenFalse;
        case 0x35 -> at += Integer.compareUnsigned(accumulator, k) >= 0 ? whenTrue : whenFalse;
        case 0x25 -> at += Integer.compareUnsigned(accumulator, k) > 0 ? whenTrue : whenFalse;
        case 0x54 -> accumulator &= k;
        case 0x05 -> at += k;
        case 0x06 -> {
          return k;
        }
        default -> throw new AssertionError("op " + op);
      }
    }
  }

  /** Half an argument, the low one first; those that a test does not give are 0. */
  private static int word(long[] arguments, int at) {
    assertThat(at).isBetween(0, 44);
    assertThat(at % 4).isZero();
    long argument = at / 8 < arguments.length ? arguments[at / 8] : 0;
    return (int) (at % 8 == 0 ? argument : argument >>> 32);
  }

  private static int verdict(
      long caps, Architecture nativeArch, Architecture arch, String name, long argument) {
    return run(
        SeccompFilter.compile(SeccompProfile.standard(caps), nativeArch),
        arch,
        arch.numbers().get(name),
        argument);
  }

  @Test
  void allowsAndRefusesByNameOnEachArchitecture() {
    for (Architecture arch : Architecture.values()) {
      Architecture nativeArch = arch == ARM64 ? ARM64 : X86_64;
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
    for (Architecture arch : List.of(X86_64, I386)) {
      assertThat(verdict(Capabilities.DEFAULT, X86_64, arch, "clone", 0x11)).isEqualTo(ALLOW);
      assertThat(verdict(Capabilities.DEFAULT, X86_64, arch, "clone", 0x10000000)).isEqualTo(EPERM);
      assertThat(verdict(Capabilities.DEFAULT, X86_64, arch, "clone3", 0)).isEqualTo(ENOSYS);
      assertThat(verdict(Capabilities.ALL, X86_64, arch, "clone3", 0)).isEqualTo(ALLOW);
      for (int family : new int[] {1, 2, 10, 16, 17, 39, 41}) {
        assertThat(verdict(Capabilities.DEFAULT, X86_64, arch, "socket", family)).isEqualTo(ALLOW);
      }
      assertThat(verdict(Capabilities.DEFAULT, X86_64, arch, "socket", 38)).isEqualTo(EPERM);
      assertThat(verdict(Capabilities.DEFAULT, X86_64, arch, "socket", 40)).isEqualTo(EPERM);
      for (Map.Entry<Integer, Integer> e :
          Map.of(0, ALLOW, 8, ALLOW, 0x20000, ALLOW, 0x20008, ALLOW, 1, EPERM, 0x40000, EPERM)
              .entrySet()) {
        assertThat(verdict(Capabilities.DEFAULT, X86_64, arch, "personality", e.getKey()))
            .isEqualTo(e.getValue());
      }
    }
  }

  @Test
  void answersUnknownCallsAndArchitectures() {
    byte[] filter = SeccompFilter.compile(SeccompProfile.standard(Capabilities.DEFAULT), X86_64);
    assertThat(run(filter, X86_64, 5000, 0)).isEqualTo(ENOSYS);
    assertThat(run(filter, X86_64, 0x40000000, 0)).isEqualTo(ENOSYS);
    assertThat(run(filter, X86_64, -1, 0)).isEqualTo(ENOSYS);
    assertThat(run(filter, ARM64, 0, 0)).isEqualTo(0x80000000);
    assertThat(filter.length / 8).isLessThan(4096);
  }

  /** What Docker gave runc, read from live containers: bench/compare-contract has the way. */
  @Test
  void allowsWhatDockersProfileAllows() throws IOException {
    Map<String, Set<String>> docker = new TreeMap<>();
    try (var in =
        Objects.requireNonNull(getClass().getResourceAsStream("seccomp-docker-28.5.2.txt"))) {
      for (String line : new String(in.readAllBytes(), StandardCharsets.US_ASCII).split("\n")) {
        List<String> words = List.of(line.split(" "));
        if (!line.startsWith("#")) {
          docker
              .computeIfAbsent(words.getFirst(), k -> new TreeSet<>())
              .addAll(words.subList(1, words.size()));
        }
      }
    }
    Set<String> none = docker.get("none");
    // Architectures that have these calls are not x86, whose profile this is.
    Set<String> others =
        Set.of(
            "arm_fadvise64_64",
            "arm_sync_file_range",
            "breakpoint",
            "cacheflush",
            "set_tls",
            "sync_file_range2");
    docker.forEach(
        (capability, added) -> {
          long caps =
              capability.equals("none")
                  ? 0
                  : Capabilities.resolve(
                      List.of(capability), List.of("ALL"), false, Capabilities.ALL);
          Set<String> expected = new TreeSet<>(added);
          expected.addAll(none);
          Set<String> ours = new TreeSet<>();
          SeccompProfile.standard(caps).rules().stream()
              .filter(rule -> rule.conditions().isEmpty())
              .filter(rule -> rule.action().equals(SeccompProfile.Action.ALLOW))
              .forEach(rule -> ours.addAll(rule.names()));
          ours.removeAll(others);
          Set<String> missing = new TreeSet<>(expected);
          missing.removeAll(ours);
          ours.removeAll(expected);
          assertThat(missing).as("missing with " + capability).isEmpty();
          assertThat(ours).as("too many with " + capability).isEmpty();
        });
  }

  private static byte[] custom(String json, long caps) {
    return SeccompFilter.compile(
        SeccompProfile.parse(json, caps, "amd64", new int[] {6, 1}), X86_64);
  }

  private static int nr(String name) {
    return X86_64.numbers().get(name);
  }

  @Test
  void readsCustomProfiles() {
    String json =
        """
        {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38, "archMap": [
          {"architecture": "SCMP_ARCH_X86_64", "subArchitectures": ["SCMP_ARCH_X86"]}],
         "syscalls": [
          {"names": ["read", "nonsense"], "action": "SCMP_ACT_ALLOW"},
          {"name": "write", "action": "SCMP_ACT_ERRNO", "errnoRet": 5},
          {"names": ["ioctl"], "action": "SCMP_ACT_ALLOW", "args": [
             {"index": 0, "value": 18446744073709551615, "op": "SCMP_CMP_EQ"}]},
          {"names": ["dup"], "action": "SCMP_ACT_ALLOW", "args": [
             {"index": 0, "value": 3, "op": "SCMP_CMP_EQ"}, {"index": 0, "value": 5, "op": "SCMP_CMP_EQ"}]},
          {"names": ["mount"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_SYS_ADMIN"]}},
          {"names": ["umount2"], "action": "SCMP_ACT_ALLOW", "excludes": {"caps": ["CAP_SYS_ADMIN"]}},
          {"names": ["ptrace"], "action": "SCMP_ACT_ALLOW", "includes": {"minKernel": "4.8"}},
          {"names": ["bpf"], "action": "SCMP_ACT_ALLOW", "includes": {"minKernel": "6.2"}},
          {"names": ["chroot"], "action": "SCMP_ACT_ALLOW", "includes": {"arches": ["arm64"]}},
          {"names": ["reboot"], "action": "SCMP_ACT_KILL_PROCESS"}
         ]}\
        """;
    byte[] plain = custom(json, Capabilities.DEFAULT);
    byte[] admin = custom(json, Capabilities.ALL);
    assertThat(run(plain, X86_64, nr("read"), 0)).isEqualTo(ALLOW);
    assertThat(run(plain, I386, 3, 0)).as("read on i386").isEqualTo(ALLOW);
    assertThat(run(plain, X86_64, nr("write"), 0)).isEqualTo(0x00050005);
    assertThat(run(plain, X86_64, nr("open"), 0)).isEqualTo(ENOSYS);
    assertThat(run(plain, X86_64, nr("ioctl"), -1)).isEqualTo(ALLOW);
    assertThat(run(plain, X86_64, nr("ioctl"), 0xffffffffL)).isEqualTo(ENOSYS);
    assertThat(run(plain, X86_64, nr("dup"), 3)).isEqualTo(ALLOW);
    assertThat(run(plain, X86_64, nr("dup"), 5)).isEqualTo(ALLOW);
    assertThat(run(plain, X86_64, nr("dup"), 4)).isEqualTo(ENOSYS);
    assertThat(run(plain, X86_64, nr("mount"), 0)).isEqualTo(ENOSYS);
    assertThat(run(admin, X86_64, nr("mount"), 0)).isEqualTo(ALLOW);
    assertThat(run(plain, X86_64, nr("umount2"), 0)).isEqualTo(ALLOW);
    assertThat(run(admin, X86_64, nr("umount2"), 0)).isEqualTo(ENOSYS);
    assertThat(run(plain, X86_64, nr("ptrace"), 0)).isEqualTo(ALLOW);
    assertThat(run(plain, X86_64, nr("bpf"), 0)).isEqualTo(ENOSYS);
    assertThat(run(plain, X86_64, nr("chroot"), 0)).isEqualTo(ENOSYS);
    assertThat(run(plain, X86_64, nr("reboot"), 0)).isEqualTo(0x80000000);
  }

  /** Where i386 is let in, its socketcall is a way around a rule that is about socket. */
  @Test
  void callsOfArchitecturesThatAProfileDoesNotNameEndTheProcess() {
    String calls = "\"defaultAction\": \"SCMP_ACT_ALLOW\"";
    for (String json :
        List.of(
            "{" + calls + "}",
            "{" + calls + ", \"architectures\": [\"SCMP_ARCH_X86_64\"]}",
            "{"
                + calls
                + ", \"archMap\": [{\"architecture\": \"SCMP_ARCH_AARCH64\","
                + " \"subArchitectures\": [\"SCMP_ARCH_X86\"]}]}")) {
      byte[] filter = SeccompFilter.compile(profileFor(json), X86_64);
      assertThat(run(filter, X86_64, 1, 0)).as(json).isEqualTo(ALLOW);
      assertThat(run(filter, I386, 1, 0)).as(json).isEqualTo(0x80000000);
    }
    String named = "{" + calls + ", \"architectures\": [\"SCMP_ARCH_X86_64\", \"SCMP_ARCH_X86\"]}";
    byte[] filter = SeccompFilter.compile(profileFor(named), X86_64);
    assertThat(run(filter, I386, 1, 0)).isEqualTo(ALLOW);
  }

  private static SeccompProfile profileFor(String json) {
    return SeccompProfile.parse(json, 0, "amd64", new int[] {6, 1});
  }

  @Test
  void comparesArgumentsOf64Bits() {
    for (String comparison : List.of("NE", "LT", "LE", "EQ", "GE", "GT")) {
      byte[] filter =
          custom(
              "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [\"dup\"],"
                  + " \"action\": \"SCMP_ACT_ERRNO\", \"args\": [{\"index\": 0, \"value\":"
                  + " 4294967298, \"op\": \"SCMP_CMP_"
                  + comparison
                  + "\"}]}]}",
              0);
      for (long value :
          new long[] {0, 1, 2, 3, 0x100000001L, 0x100000002L, 0x100000003L, 0x200000000L, -1}) {
        int order = Long.compareUnsigned(value, 0x100000002L);
        boolean holds =
            switch (comparison) {
              case "NE" -> order != 0;
              case "LT" -> order < 0;
              case "LE" -> order <= 0;
              case "EQ" -> order == 0;
              case "GE" -> order >= 0;
              default -> order > 0;
            };
        assertThat(run(filter, X86_64, nr("dup"), value))
            .as(comparison + " " + Long.toHexString(value))
            .isEqualTo(holds ? EPERM : ALLOW);
      }
      assertThat(run(filter, X86_64, 5000, 0)).as("unknown call").isEqualTo(ALLOW);
    }
  }

  @Test
  void looksAtTheArgumentThatARuleNames() {
    for (int index = 0; index < 6; index++) {
      byte[] filter =
          custom(
              "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [\"dup\"],"
                  + " \"action\": \"SCMP_ACT_ERRNO\", \"args\": [{\"index\": "
                  + index
                  + ", \"value\": 8589934593, \"op\": \"SCMP_CMP_EQ\"}]}]}",
              0);
      for (int given = 0; given < 6; given++) {
        long[] arguments = new long[6];
        arguments[given] = 0x200000001L;
        assertThat(run(filter, X86_64, nr("dup"), arguments))
            .as("rule on " + index + ", value in " + given)
            .isEqualTo(given == index ? EPERM : ALLOW);
      }
    }
  }

  @Test
  void comparesBitsUnderAMask() {
    byte[] filter =
        custom(
            "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [\"dup\"],"
                + " \"action\": \"SCMP_ACT_ERRNO\", \"args\": [{\"index\": 1, \"value\":"
                + " 21474836485, \"valueTwo\": 4294967300, \"op\":"
                + " \"SCMP_CMP_MASKED_EQ\"}]}]}",
            0);
    // mask 0x5_0000_0005, value 0x1_0000_0004
    assertThat(run(filter, X86_64, nr("dup"), 0, 0x100000004L)).isEqualTo(EPERM);
    assertThat(run(filter, X86_64, nr("dup"), 0, 0xfffffffb_fffffffeL)).isEqualTo(EPERM);
    assertThat(run(filter, X86_64, nr("dup"), 0, 0x500000004L)).isEqualTo(ALLOW);
    assertThat(run(filter, X86_64, nr("dup"), 0, 0x100000005L)).isEqualTo(ALLOW);
    assertThat(run(filter, X86_64, nr("dup"), 0, 4)).isEqualTo(ALLOW);
  }

  /** Calls of the x32 ABI have numbers of their own, which no rule is about. */
  @Test
  void callsOfX32AreUnknownEvenWhereAllIsAllowed() {
    byte[] filter = custom("{\"defaultAction\": \"SCMP_ACT_ALLOW\"}", 0);
    assertThat(run(filter, X86_64, nr("read"), 0)).isEqualTo(ALLOW);
    assertThat(run(filter, X86_64, 0x40000000 | nr("read"), 0)).isEqualTo(ENOSYS);
  }

  @Test
  void refusesDamagedProfiles() {
    for (String json :
        List.of(
            "",
            "[]",
            "{}",
            "{\"defaultAction\": \"SCMP_ACT_FLY\"}",
            "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"architectures\": [\"a\"], \"archMap\":"
                + " [{}]}",
            "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [\"dup\"],"
                + " \"action\": \"SCMP_ACT_TRAP\", \"args\": [{\"index\": 9, \"op\":"
                + " \"SCMP_CMP_EQ\"}]}]}")) {
      assertThatThrownBy(() -> custom(json, 0))
          .as(json)
          .isInstanceOf(JcomposeException.InvalidArgument.class);
    }
  }

  @Test
  void readsSecurityOptions() {
    SecurityOptions none = SecurityOptions.parse(List.of());
    assertThat(none).isEqualTo(new SecurityOptions(false, Optional.empty(), true, "", List.of()));
    assertThat(
            SecurityOptions.parse(
                List.of("no-new-privileges:true", "seccomp=unconfined", "label=disable")))
        .isEqualTo(
            new SecurityOptions(true, Optional.of("unconfined"), true, "", List.of("disable")));
    assertThat(SecurityOptions.parse(List.of("systempaths=unconfined", "seccomp:builtin")))
        .isEqualTo(new SecurityOptions(false, Optional.empty(), false, "", List.of()));
    assertThat(SecurityOptions.parse(List.of("seccomp={\"a\":1}")).seccomp()).hasValue("{\"a\":1}");
    for (String bad : List.of("nonsense", "a=b", "no-new-privileges=maybe", "systempaths=x")) {
      assertThatThrownBy(() -> SecurityOptions.parse(List.of(bad)))
          .hasMessageStartingWith("invalid --security-opt ")
          .hasMessageContaining(bad);
    }
  }
}
