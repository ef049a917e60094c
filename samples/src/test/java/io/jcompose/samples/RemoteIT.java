package io.jcompose.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Commands whose engine is on another host by ssh: that host is a program {@code ssh} which runs
 * what it is given in a mount namespace where the project's folder is empty; and a real sshd where
 * one is installed.
 */
class RemoteIT {
  /** As sshd does, a shell of its own gets the words; what lies in the folder stays here. */
  private static final String FAKE =
      """
      #!/bin/sh
      while [ "$1" != -- ]; do shift; done
      case $2 in
      gone) echo "ssh: Could not resolve hostname gone: Name or service not known" >&2; exit 255 ;;
      bare) sh -c 'no-jcompose-here'; exit $? ;;
      esac
      shift 2
      echo "a line that a shell's start file prints"
      exec unshare --mount sh -c 'mount -t tmpfs none "%s" && cd / && shift && exec sh -c "$*"' x x "$@"
      """;

  private static final String SSHD =
      """
      mkdir -p /run/sshd
      ssh-keygen -q -t ed25519 -N "" -f host; ssh-keygen -q -t ed25519 -N "" -f key
      /usr/sbin/sshd -f /dev/null -p 2222 -h "$PWD/host" -o ListenAddress=127.0.0.1 -o UsePAM=no \
        -o AuthorizedKeysFile="$PWD/key.pub" -o StrictModes=no -o PidFile="$PWD/pid" \
        -o PermitRootLogin=yes -o SetEnv=PATH="$PWD/there:/usr/bin:/bin" -E "$PWD/log"
      printf '#!/bin/sh\\nexec %s -F /dev/null -i %s -o UserKnownHostsFile=%s -o BatchMode=yes '\
      '-o StrictHostKeyChecking=accept-new "$@"\\n' "$(command -v ssh)" "$PWD/key" "$PWD/known" >here/ssh
      chmod +x here/ssh
      """;

  @TempDir Path root;
  private Path project;
  private Path tools;
  private Stage stage;

  @BeforeEach
  void open() throws Exception {
    project = Files.createDirectory(root.resolve("project"));
    tools = Files.createDirectories(root.resolve("tools/here")).getParent();
    stage = new Stage(root);
    write(
        "compose.yaml",
        """
        services:
          web:
            image: busybox
            env_file: web.env
            command: sh -c 'echo "$$WORD"; cat /html/index || echo nothing; exec sleep 1000'
            stop_grace_period: 0s
            volumes: [./html:/html]
          other:
            image: busybox
            profiles: [never]
            env_file: other.env
            command: env
        """);
    write("web.env", "WORD=${GIVEN:-hello}\n");
    write("other.env", "OTHER=1\n");
    write("html/index", "a page\n");
    String wrapper =
        "#!/bin/sh\nexport JCOMPOSE_ROOT=%s JCOMPOSE_CONFIG=%s\nexec %s \"$@\"\n"
            .formatted(
                root,
                root.resolve("engine.json"),
                Stage.HOME.resolve("dist/jcompose/bin/jcompose"));
    script(tools.resolve("there/jcompose"), wrapper);
    script(tools.resolve("here/ssh"), FAKE.formatted(project));
  }

  @AfterEach
  void leavesNothing() throws Exception {
    stage.shell(project, "[ ! -f ../tools/pid ] || kill \"$(cat ../tools/pid)\"");
    stage.ok(project, "-p", "project", "down", "-v"); // the folder may be empty to the engine
    endedDials();
    stage.close();
  }

  /** None is left; one planted shows that a look would see it. */
  private void endedDials() throws Exception {
    ProcessBuilder builder = new ProcessBuilder("sh", "-c", "read line", "dial-stdio");
    builder.environment().put("JCOMPOSE_ROOT", root.toString());
    Process planted = builder.start();
    try {
      await(() -> dials().contains(planted.pid()));
    } finally {
      planted.destroy();
      planted.waitFor();
    }
    await(() -> dials().isEmpty());
  }

  private static void await(Callable<Boolean> condition) throws Exception {
    Instant end = Instant.now().plusSeconds(60);
    while (!condition.call()) {
      assertThat(Instant.now()).as("dial-stdio processes").isBefore(end);
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  /** The processes that join a command of another host to the engine of this test. */
  private List<Long> dials() throws IOException {
    List<Long> found = new ArrayList<>();
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (Path process : processes) {
        if (words(process.resolve("cmdline")).contains("dial-stdio")
            && words(process.resolve("environ")).contains("JCOMPOSE_ROOT=" + root)) {
          found.add(Long.valueOf(process.getFileName().toString()));
        }
      }
    }
    return found;
  }

  /** None of a process that has ended. */
  private static List<String> words(Path file) {
    try {
      return List.of(Files.readString(file, StandardCharsets.ISO_8859_1).split("\0"));
    } catch (IOException e) {
      return List.of();
    }
  }

  @Test
  void readsItsFilesHereAndRunsThere() throws Exception {
    assertThat(everyday("ssh://box"))
        .contains("service \"web\" mounts " + project.resolve("html"))
        .contains("which is on your host and not on the engine's");
    assertThat(shell("ssh://box", "$J logs --no-log-prefix web")).contains("nothing");
  }

  @Test
  void goesByARealSshd() throws Exception {
    assumeThat(Path.of("/usr/sbin/sshd")).as("openssh-server is installed").exists();
    stage.shell(tools, "{ " + SSHD + "} >&2");
    everyday("ssh://root@127.0.0.1:2222");
    assertThat(
            shell(
                "x",
                "echo 'services: {a: {image: busybox}}' | ssh -p 2222 root@127.0.0.1 jcompose -f - -p q config -q"))
        .isEmpty();
  }

  /** What the first {@code up} says. */
  private String everyday(String host) throws Exception {
    String first = shell(host, "GIVEN=word $J up -d 2>&1");
    assertThat(first).contains("Container project-web-1  Started");
    assertThat(shell(host, "$J logs --no-log-prefix web")).contains("word\n");
    assertThat(shell(host, "$J ps --services")).isEqualTo("web\n");
    assertThat(shell(host, "$J run --rm other")).contains("OTHER=1");
    assertThat(shell(host, "head -c 500000 /dev/zero | $J exec -T web wc -c"))
        .isEqualTo("500000\n");
    assertThat(shell(host, "$J exec -T web sh -c 'exit 7' || echo $?")).isEqualTo("7\n");
    assertThat(shell(host, "$J cp web.env web:/tmp/ && $J cp web:/tmp/web.env - | tar -xO"))
        .isEqualTo("WORD=${GIVEN:-hello}\n");
    assertThat(shell(host, "$J inspect project-web-1 --format '{{.State.Running}}'"))
        .isEqualTo("true\n");
    // Ctrl-C is for the command: it ends, and the program for it there with it.
    assertThat(shell(host, "timeout -s INT 5 $J logs -f >../out 2>&1; echo $?; cat ../out"))
        .startsWith("124\n")
        .contains("word");
    write("broken.yaml", "services:\n  web: {image: x, imagee: y}\n");
    assertThat(shell(host, "$J -f broken.yaml up -d 2>&1 || :"))
        .contains("broken.yaml:2:19: services.web: additional properties 'imagee' not allowed");
    assertThat(shell(host, "$J engine status")).contains("running, pid");
    assertThat(shell(host, "$J engine stop 2>&1 || :")).contains("on its own host: `ssh ");
    return first;
  }

  @Test
  void tellsInOneSentenceWhatKeepsItFromTheEngine() throws Exception {
    assertThat(shell("ssh://gone", "$J ps 2>&1 || :")).startsWith("there is no host gone (ssh: ");
    assertThat(shell("ssh://bare", "$J ps 2>&1 || :"))
        .startsWith("jcompose is not installed on bare, or not in the PATH");
    assertThat(shell("ssh://box/none.sock", "$J ps 2>&1 || :"))
        .isEqualTo("on box: no engine answers at /none.sock: start one with `jcompose engine`\n");
    assertThat(shell("x", "$J -H ssh://gone ps 2>&1 || :")).startsWith("there is no host gone");
    assertThat(shell("ssh://box", "$J ps")).startsWith("NAME");
  }

  private String shell(String host, String script) throws Exception {
    String path = "PATH=" + tools.resolve("here") + ":" + tools.resolve("there") + ":$PATH";
    return stage.shell(project, "export " + path + " JCOMPOSE_HOST=" + host + "; " + script);
  }

  private void write(String name, String text) throws Exception {
    Path file = project.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private static void script(Path file, String text) throws Exception {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
