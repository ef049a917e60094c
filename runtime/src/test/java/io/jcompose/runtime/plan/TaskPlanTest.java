package io.jcompose.runtime.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class TaskPlanTest {
  private static final Path GOLDEN = Path.of("src/test/resources/TaskPlanTest");
  private static final ResourceLimit LIMIT = new ResourceLimit(7, 5, 6, false);
  private static final int ATTRIBUTES = MountAttributes.NOSUID | MountAttributes.NODEV;

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  private static String number(Syscall call) {
    return "%02x%02x".formatted(call.number() & 0xff, call.number() >> 8);
  }

  private static String longs(int... values) {
    StringBuilder text = new StringBuilder();
    for (int value : values) {
      text.append("%08x".formatted(Integer.reverseBytes(value))).append("00000000");
    }
    return text.toString();
  }

  /** The head, operations of 72 bytes, and what they point to, each in a multiple of eight. */
  @Test
  void encodesAsItLiesInMemory() {
    TaskPlan plan =
        new TaskPlan()
            .add(new Step.Mkdir("k"))
            .add(new Step.Rlimit(LIMIT))
            .add(new Step.Mkdir("k"));
    String mkdir =
        ("0c000000" + "10000000" + "7264726e00000000" + longs(0)) + longs(4, 232, 0xffff, 0, 0, 0);
    assertThat(hex(plan.encodeChild()))
        .isEqualTo(
            "4a43503103000000"
                + "0300000001000000"
                + mkdir
                + ("0a00" + number(Syscall.PRLIMIT64) + "ffff0000" + "6e6e646e00000000" + longs(0))
                + longs(0, 7, 240, 0, 0, 0)
                + mkdir.replaceFirst("^0c00000010", "0c00000011")
                + ("6b00000000000000" + longs(5, 6))
                + longs(0));
  }

  @Test
  void hasThePlanOfTheChildInIt() {
    TaskPlan plan =
        new TaskPlan()
            .add(new Step.Write(Path.of("/p"), "v", Step.May.NOT_FAIL))
            .add(new Step.Unshare(0x12));
    String child = hex(plan.encodeChild());
    assertThat(child).startsWith("4a43503103000000" + "0100000003000000"); // behind three others
    assertThat(hex(plan.encode()))
        .startsWith("4a43503103000000" + "0300000000000000")
        .endsWith(child + longs(0))
        .contains("06000000ffff0000" + "6400000000000000" + longs(0));
    assertThat(plan)
        .hasToString(
            "WRITE\n  r16 = openat - /p O_WRONLY|O_CLOEXEC\n  write r16 v 1\n  child\n"
                + "UNSHARE\n  unshare 18\n");
  }

  @Test
  void putsTextsWhereAListPoints() {
    TaskPlan plan = new TaskPlan().add(new Step.Exec(true, List.of("a", "b"), List.of("A=a")));
    assertThat(hex(plan.encodeChild()))
        .contains("6c6c6c6c00000000")
        .contains(hex("/sbin/docker-init".getBytes(StandardCharsets.UTF_8)));
  }

  /** For shims of version 4 of the frames; a check and a program are said otherwise there. */
  @Test
  void encodesVersionTwo() {
    TaskPlan plan =
        new TaskPlan()
            .add(new Step.Unshare(0x12))
            .add(new Step.Cwd("/w"))
            .add(new Step.Exec(false, List.of("x"), List.of("A=a")));
    String call = "%s0000" + "ffffffff" + "0000000000000000" + "00000000";
    assertThat(hex(plan.encodeOlderChild()))
        .startsWith(
            "4a43503102000000"
                + ("06000000" + "00000000")
                + ("0a000000" + "20000000" + call.formatted(number(Syscall.UNSHARE)))
                + ("01000000" + "1200000000000000")
                + ("0a000000" + "1f000000" + call.formatted(number(Syscall.CHDIR)))
                + ("02000000" + "03000000" + "2f7700"))
        .contains(
            ("03000000" + "00000000" + "04000000").substring(0, 0)
                + ("0e000000" + "10000000" + "00000000" + "ff000000" + "2f000000" + "02000000"))
        .endsWith("01000000" + "02000000" + "7800" + "01000000" + "04000000" + "413d6100");
  }

  @Test
  void findsTheStepOfAnOperation() {
    TaskPlan plan = new TaskPlan().add(new Step.Hostname("h")).add(new Step.Cwd("/w"));
    assertThat(plan.place(1)).contains(new TaskPlan.Place(0, "HOSTNAME", "sethostname h"));
    assertThat(plan.place(2)).contains(new TaskPlan.Place(1, "CWD", "chdir to cwd /w"));
    assertThat(plan.place(5)).isEmpty();
    assertThat(plan.place(-1)).isEmpty();
  }

  @Test
  void stepsAreNamedAsInMessages() {
    assertThat(Step.nameOf(new Step.OwnSymlink("a", "b"))).isEqualTo("OWN_SYMLINK");
    assertThat(Step.nameOf(new Step.JoinTask(1))).isEqualTo("JOIN_TASK");
    assertThat(Step.nameOf(Step.Simple.NO_NEW_PRIVS)).isEqualTo("NO_NEW_PRIVS");
  }

  /** What the shim does for a container of the host's users, call by call. */
  @Test
  void buildsARootAndAProcess() throws IOException {
    TaskPlan plan = new TaskPlan().addAll(start()).addAll(files()).addAll(process());
    assertThat(plan.toString()).isEqualTo(golden("container"));
  }

  private static List<Step> start() {
    return List.of(
        new Step.Task(
            "id", Path.of("/run/c"), Path.of("/c/exit"), false, true, false, 2, CloneFlags.NEWNS),
        new Step.Log(Path.of("/c/log"), 100, 3, 7, "{}", true),
        new Step.Namespace(CloneFlags.NEWNET, "/proc/5/fd/7"),
        new Step.Namespace(CloneFlags.NEWPID, "/proc/6/ns/pid"),
        new Step.Cgroup(Path.of("/sys/fs/cgroup/c"), true, List.of("memory.events")),
        new Step.Write(Path.of("/sys/fs/cgroup/c/cpu.max"), "5 10", Step.May.BE_MISSING),
        new Step.OomScore(-5),
        new Step.Source("/dev/shm", false, false, "/proc/6/ns/mnt", ""),
        new Step.Source("/vol", true, false, "", "sub"),
        Step.Simple.NULL_COVER,
        Step.Simple.ROOT_SLAVE,
        Step.Simple.SYNC,
        new Step.Unshare(CloneFlags.NEWCGROUP),
        Step.Simple.KEYRING);
  }

  private static List<Step> files() {
    return List.of(
        new Step.Overlay(
            0,
            0,
            List.of(Path.of("/l/1"), Path.of("/l/2")),
            Path.of("/c/u"),
            Path.of("/c/w"),
            Path.of("/run/c"),
            true),
        new Step.Fs("proc", "/proc", "", ATTRIBUTES, Step.Fs.Target.REAL),
        new Step.Fs("tmpfs", "/t", "size=1m,noswap", 0, Step.Fs.Target.MODE_GIVING),
        new Step.Bind("", "/dev/shm", false, false, 0, Step.Propagation.AS_MADE),
        new Step.Bind("", "/vol", true, false, 1, Step.Propagation.SHARED),
        new Step.Bind("/h", "/etc/hosts", true, true, 0, Step.Propagation.PRIVATE),
        new Step.Device("/dev/null", 0020666, 1, 3, 0, 0),
        new Step.Device("/dev/x", 0060640, 8, 300, 0, 6),
        new Step.Symlink("/proc/self/fd", "/dev/fd"),
        new Step.OwnSymlink("/proc/mounts", "/etc/mtab"),
        new Step.Sysctl("net/x", "0 1"),
        new Step.Readonly("/proc/sys", false),
        new Step.Readonly("/t", true),
        new Step.Mask("/proc/acpi", true),
        new Step.Mask("/proc/keys", false),
        new Step.Mkdir("/w"),
        Step.Simple.ROOT_READONLY,
        Step.Simple.PIVOT);
  }

  private static List<Step> process() {
    return List.of(
        new Step.Hostname("h"),
        new Step.Domainname("d"),
        Step.Simple.LOOPBACK,
        new Step.Rlimit(new ResourceLimit(7, 1024, -1, true)),
        new Step.Apparmor("docker-default"),
        new Step.Streams(7),
        Step.Simple.NO_NEW_PRIVS,
        new Step.Cwd("/w"),
        new Step.Caps(~1L, 2),
        new Step.User("app", 7, 8, List.of(8, 9)),
        new Step.Seccomp(new byte[8]),
        new Step.Exec(true, List.of("ls", "-l"), List.of("PATH=/bin:/x")));
  }

  @Test
  void makesTheRestInAUserNamespaceAndATerminal() throws IOException {
    assertThat(mapped().toString()).isEqualTo(golden("mapped"));
  }

  private static TaskPlan mapped() {
    return new TaskPlan()
        .add(new Step.Namespace(CloneFlags.NEWUSER, "/proc/9/ns/user"))
        .add(new Step.Source("/s", false, true, "", ""))
        .add(new Step.Idmap(Path.of("/l/1")))
        .add(
            new Step.Overlay(
                1000,
                1001,
                List.of(Path.of("/l/1")),
                Path.of("/c/u"),
                Path.of("/c/w"),
                Path.of("/run/c"),
                false))
        .add(new Step.Userns(1000, 1001, CloneFlags.NEWNS | CloneFlags.NEWPID, false))
        .add(new Step.Bind("", "/s", false, false, 0, Step.Propagation.AS_MADE))
        .add(new Step.Tty(true, 24, 80))
        .add(new Step.Streams(5))
        .add(new Step.Exec(false, List.of("/bin/sh"), List.of()));
  }

  private static String golden(String name) throws IOException {
    return Files.readString(GOLDEN.resolve(name + ".txt"), StandardCharsets.UTF_8);
  }

  @Test
  void labelsWhatHoldsFiles() {
    String text =
        new TaskPlan()
            .add(new Step.FileLabel("u:r:f"))
            .add(new Step.Fs("devpts", "/dev/pts", "", 0, Step.Fs.Target.REAL))
            .add(new Step.Fs("sysfs", "/sys", "", 0, Step.Fs.Target.REAL))
            .add(new Step.Fs("mqueue", "/dev/mqueue", "", 0, Step.Fs.Target.REAL))
            .toString();
    assertThat(text.split("context u:r:f", -1)).hasSize(2);
    assertThat(text).containsOnlyOnce("security.selinux u:r:f 6 0, may others");
  }

  /** The kernel takes one page of options from mount(2), and says E2BIG for none of its own. */
  @Test
  void refusesMoreLayersThanOldKernelsTake() {
    List<Path> layers = Collections.nCopies(250, Path.of("/layer"));
    Path none = Path.of("/n");
    String text =
        new TaskPlan().add(new Step.Overlay(0, 0, layers, none, none, none, false)).toString();
    assertThat(text).contains("  check memory 0 1 7\n");
    assertThat(
            new TaskPlan()
                .add(new Step.Overlay(0, 0, layers.subList(0, 100), none, none, none, false))
                .toString())
        .doesNotContain("  check");
  }

  @Test
  void namesLongPathsShortly() {
    Path layer = Path.of("/" + "x".repeat(251));
    Path none = Path.of("/n");
    String text =
        new TaskPlan()
            .add(new Step.Overlay(0, 0, List.of(layer), none, none, none, true))
            .toString();
    assertThat(text)
        .contains("r512 = dup3 r17 512 O_CLOEXEC\n")
        .contains(" lowerdir+ /proc/self/fd/512 0\n");
  }

  @Test
  void refusesMoreSourcesThanThereIsRoomFor() {
    TaskPlan plan =
        new TaskPlan()
            .addAll(Collections.nCopies(8193, new Step.Source("/s", false, false, "", "")));
    assertThat(plan.toString()).containsOnlyOnce("  check memory 0 1 7\n");
    assertThat(plan.place(8193).orElseThrow().words()).isEqualTo("bind mount source /s");
  }
}
