package io.jcompose.samples;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.samples.Commands.Result;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What an operator does with the whole host: objects of no project, the disk, the engine itself.
 */
class HostIT {
  @TempDir Path root;
  private Path folder;
  private Stage stage;

  @BeforeEach
  void open() throws Exception {
    folder = Files.createDirectory(root.resolve("hosted"));
    stage = new Stage(root);
    file("services: {a: {image: busybox}}\n");
  }

  @AfterEach
  void leavesNothing() throws Exception {
    stage.ok(folder, "down", "-v");
    stage.ok(folder, "network", "prune", "-f");
    stage.close();
  }

  private void file(String text) throws Exception {
    Files.writeString(folder.resolve("compose.yaml"), text);
  }

  private String out(String... arguments) throws Exception {
    return stage.ok(folder, arguments).out();
  }

  private String refusal(String... arguments) throws Exception {
    Result result = stage.jcompose(folder, arguments);
    assertThat(result.exitCode()).as(result.toString()).isEqualTo(1);
    return result.err();
  }

  @Test
  void externalObjectsAreMadeByHandAndOutliveTheirUsers() throws Exception {
    file(
        """
        services:
          a:
            image: busybox
            command: sh -c 'echo kept >/d/x; exec sleep 100000'
            stop_signal: SIGKILL
            networks: [shared]
            volumes: ["keep:/d"]
        networks: {shared: {external: true, name: shared}}
        volumes: {keep: {external: true, name: keep}}
        """);
    assertThat(refusal("up", "-d")).contains("jcompose network create shared");
    assertThat(out("network", "create", "--subnet", "10.77.3.0/24", "--label", "k=v", "shared"))
        .matches("[0-9a-f]{64}\n");
    assertThat(refusal("up", "-d")).contains("jcompose volume create keep");
    assertThat(out("volume", "create", "keep")).isEqualTo("keep\n");
    out("up", "-d", "--wait");
    assertThat(out("inspect", "a")).contains("\"IPAddress\": \"10.77.3.");
    assertThat(refusal("network", "rm", "shared")).contains("has containers: hosted-a-1");
    assertThat(refusal("volume", "rm", "keep")).contains("volume is in use - [hosted-a-1]");
    out("down", "-v");
    assertThat(out("volume", "ls", "-q")).isEqualTo("keep\n");
    assertThat(out("network", "ls", "--filter", "label=k", "--format", "{{.Name}} {{.Driver}}"))
        .isEqualTo("shared bridge\n");
    out("system", "prune", "-f", "--volumes", "--filter", "label=none");
    assertThat(out("network", "ls", "-q").lines()).hasSize(1);
    Path data = Path.of(out("volume", "inspect", "-f", "{{.Mountpoint}}", "keep").strip());
    assertThat(data.resolve("x")).hasContent("kept");
    assertThat(out("volume", "rm", "keep")).isEqualTo("keep\n");
    assertThat(out("network", "rm", "shared")).isEqualTo("shared\n");
    assertThat(refusal("volume", "rm", "keep")).contains("get keep: no such volume");
    assertThat(out("volume", "rm", "-f", "keep")).isEqualTo("keep\n");
  }

  @Test
  void imagesAreListedNamedAndRemoved() throws Exception {
    file("services: {a: {image: busybox, command: sleep 100000, stop_signal: SIGKILL}}\n");
    out("pull");
    out("tag", "busybox", "mine/own:1");
    assertThat(out("image", "ls", "--format", "{{.Repository}}:{{.Tag}}").lines())
        .containsExactlyInAnyOrder("busybox:latest", "mine/own:1");
    String id = out("image", "inspect", "-f", "{{.Id}}", "mine/own:1").strip();
    assertThat(id).startsWith("sha256:");
    assertThat(out("image", "ls", "--no-trunc", "-q")).isEqualTo(id + "\n");
    assertThat(out("image", "inspect", "-f", "{{.Metadata.LastTagTime}}", id)).startsWith("20");
    assertThat(out("images", "-a", "--digests")).contains("DIGEST", "mine/own", "sha256:");
    assertThat(out("images", "--no-trunc", "-q")).isEqualTo(id + "\n");
    assertThat(out("images", "-f", "reference=m?ne/[a-p]*:1", "-f", "reference=no", "-q"))
        .isEqualTo(out("image", "ls", "-q"));
    assertThat(out("image", "ls", "mine/own:2", "-q")).isEmpty();
    assertThat(refusal("image", "ls", "--filter", "reference=[")).contains("invalid pattern");
    assertThat(out("history", "-q", "--no-trunc", "busybox")).contains(id);
    assertThat(out("rmi", "mine/own:1")).isEqualTo("Untagged: mine/own:1\n");
    assertThat(out("system", "df", "--format", "{{.Type}} {{.TotalCount}}"))
        .startsWith("Images 1\n");
    assertThat(out("system", "df", "-v")).contains("busybox:latest").contains("PACKED");
    Files.writeString(folder.resolve("Dockerfile"), "FROM busybox\nLABEL a=b\n");
    out("image", "build", "-q", "-t", "made", ".");
    String[] packed =
        out("system", "df", "--format", "{{.Type}}|{{.Size}}|{{.Reclaimable}}")
            .lines()
            .filter(line -> line.startsWith("Packed"))
            .findFirst()
            .orElseThrow()
            .split("\\|");
    assertThat(packed[2]).isEqualTo(packed[1] + " (100%)"); // what two images share counts once
    assertThat(out("rmi", "made")).contains("ntagged: made:latest");
    assertThat(out("image", "prune", "-a", "-f", "--filter", "until=999999h"))
        .doesNotContain("eleted:");
    assertThat(out("image", "prune", "-a", "-f")).contains("deleted: " + id);
    assertThat(out("images", "-q")).isEmpty();
    assertThat(refusal("rmi", "busybox")).contains("No such image");
    assertThat(out("rmi", "-f", "busybox")).isEmpty();
  }

  @Test
  void aPruneShowsWhatWouldGoAndAsks() throws Exception {
    out("network", "create", "lonely");
    String asked = stage.shell(folder, "echo n | $J network prune");
    assertThat(asked).contains("network lonely").contains("[y/N]");
    assertThat(out("network", "ls", "--format", "{{.Name}}")).isEqualTo("lonely\n");
    assertThat(stage.shell(folder, "echo y | $J network prune"))
        .contains("Deleted Networks:\nlonely\n\n");
    assertThat(out("network", "ls", "-q")).isEmpty();
  }

  @Test
  void theEngineEndsAndComesBackWhileContainersRunOn() throws Exception {
    file("services: {a: {image: busybox, command: sleep 100000, stop_signal: SIGKILL}}\n");
    out("up", "-d");
    String pid = out("inspect", "a").lines().filter(l -> l.contains("\"Pid\"")).findFirst().get();
    assertThat(out("engine", "status")).contains("running, pid").contains("1 running of 1");
    assertThat(out("engine", "restart")).isEqualTo("engine started; containers ran on\n");
    assertThat(out("inspect", "a")).contains(pid);
    assertThat(out("engine", "stop")).isEqualTo("engine stopped; containers run on\n");
    assertThat(stage.jcompose(folder, "engine", "status").exitCode()).isEqualTo(3);
    assertThat(out("engine", "stop")).startsWith("no engine runs at ");
    assertThat(refusal("engine", "frob")).contains("no such command: engine frob");
    assertThat(out("inspect", "a")).contains(pid); // by an engine that it started
    String log = Files.readString(root.resolve("lib/engine.log"));
    assertThat(log)
        .containsPattern("(?m)^\\S+T\\S+ INFO  audit: user=root request=up in=\\S+$")
        .containsPattern("INFO  containers: hosted-a-1 \\(\\w{12}\\) started\n")
        .contains("engine stopped; containers run on")
        .doesNotContain("was killed or died");
  }

  @Test
  void everyListTakesATemplateAndShowsAllProjects() throws Exception {
    file(
        "services: {a: {image: busybox, command: sleep 100000, stop_signal: SIGKILL, volumes: [/v]}}\n");
    out("up", "-d");
    Path other = Files.createDirectory(root.resolve("elsewhere"));
    assertThat(elsewhere(other, "ps", "-A", "--format", "{{.Names}} {{.State}} {{.Project}}"))
        .isEqualTo("hosted-a-1 running hosted\n");
    assertThat(elsewhere(other, "ps", "-A", "--size", "--format", "{{.Size}}"))
        .containsPattern("^\\d+B \\(virtual [0-9.]+MB\\)\n$");
    assertThat(
            elsewhere(
                other, "stats", "-A", "--no-stream", "--format", "table {{.Name}}\\t{{.PIDs}}"))
        .isEqualTo("NAME         PIDS\nhosted-a-1   1\n");
    assertThat(elsewhere(other, "images", "-A", "--format", "{{.Repository}}"))
        .isEqualTo("busybox\n");
    assertThat(elsewhere(other, "volumes", "-A", "-q").lines()).hasSize(1);
    assertThat(elsewhere(other, "networks", "-A", "--format", "{{.Name}}"))
        .isEqualTo("hosted_default\n");
    assertThat(out("networks", "--format", "{{.Name}}")).isEqualTo("hosted_default\n");
    assertThat(elsewhere(other, "ls", "--format", "{{.Name}}: {{.Status}}"))
        .isEqualTo("hosted: running(1)\n");
    assertThat(
            elsewhere(
                other,
                "inspect",
                "-f",
                "{{.State.Status}} {{.HostConfig.Privileged}}",
                "hosted-a-1"))
        .isEqualTo("running false\n");
    assertThat(elsewhere(other, "inspect", "--type", "image", "-f", "{{.RepoTags}}", "busybox"))
        .isEqualTo("[busybox:latest]\n");
    assertThat(
            elsewhere(
                other,
                "events",
                "-A",
                "--since",
                "10m",
                "--until",
                "0s",
                "--filter",
                "event=start",
                "--format",
                "{{.Action}} {{.Actor.Attributes.name}}"))
        .isEqualTo("start hosted-a-1\n");
    assertThat(refusal("ps", "--format", "{{.Naem}}"))
        .contains(":1:3:")
        .contains("did you mean Name?");
  }

  private String elsewhere(Path other, String... arguments) throws Exception {
    return stage.ok(other, arguments).out();
  }

  @Test
  void anEngineThatWasKilledIsNamedByTheNext() throws Exception {
    out("engine", "restart");
    String pid = Files.readString(root.resolve("lib/engine.lock")).strip();
    ProcessHandle engine = ProcessHandle.of(Long.parseLong(pid)).orElseThrow();
    engine.destroyForcibly();
    engine.onExit().join();
    out("ls");
    assertThat(Files.readString(root.resolve("lib/engine.log")))
        .contains(
            "WARN  EngineAction: the engine before this one, pid " + pid + ", was killed or died");
  }
}
