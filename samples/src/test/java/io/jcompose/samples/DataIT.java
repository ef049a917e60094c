package io.jcompose.samples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.jcompose.samples.Commands.Result;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** Data without a name: what must not be lost whatever fails, is killed, renamed or cleaned up. */
class DataIT {
  private static final String DB =
      """
      services:
        db:
          image: busybox
          command: sh -c '[ -e /data/x ] || echo fresh >/data/x; exec sleep 100000'
          stop_signal: SIGKILL
          restart: always
          volumes: ["/data"]
          networks: [n]
      networks: {n: {ipam: {config: [{subnet: SUBNET}]}}}
      """;

  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir static Path root;
  private static Stage stage;
  private Path folder = Path.of("");

  @BeforeAll
  static void open() throws Exception {
    stage = new Stage(root);
  }

  @AfterAll
  static void leavesNothing() throws Exception {
    if (stage != null) {
      stage.close();
    }
  }

  @BeforeEach
  void makeFolder(TestInfo test) throws Exception {
    String name = test.getTestMethod().orElseThrow().getName().toLowerCase();
    folder = Files.createDirectories(root.resolve("projects").resolve(name));
  }

  @AfterEach
  void cleanUp() throws Exception {
    String name = String.valueOf(folder.getFileName());
    Path nowhere = Files.createDirectories(root.resolve("nowhere"));
    stage.ok(nowhere, "-p", name, "down", "-v", "--remove-orphans");
  }

  private void file(String name, String text) throws Exception {
    Files.writeString(folder.resolve(name), text);
  }

  private void db(String subnet) throws Exception {
    file("compose.yaml", DB.replace("SUBNET", subnet));
  }

  private String ok(String... arguments) throws Exception {
    return stage.ok(folder, arguments).out();
  }

  /** A database that has something to lose. */
  private void bringUp(String subnet) throws Exception {
    db(subnet);
    ok("up", "-d");
    stage.shell(folder, "$J exec -T db sh -c 'echo precious >/data/x'");
  }

  private String data() throws Exception {
    return ok("exec", "-T", "db", "cat", "/data/x");
  }

  private String volume() throws Exception {
    String name = JSON.readTree(ok("inspect", "db")).at("/0/Mounts/0/Name").asText();
    assertThat(name).matches("[0-9a-f]{64}");
    return name;
  }

  /** What a service that has the volume by its name reads in it. */
  private void rescue(String volume) throws Exception {
    file(
        "rescue.yaml",
        """
        services: {rescue: {image: busybox, command: cat /old/x, volumes: ['old:/old']}}
        volumes: {old: {external: true, name: NAME}}
        """
            .replace("NAME", volume));
    assertThat(ok("-f", "rescue.yaml", "run", "--rm", "-T", "rescue")).isEqualTo("precious\n");
  }

  @Test
  void aSubnetThatIsTakenLeavesTheDatabaseAsItRuns() throws Exception {
    bringUp("10.77.0.0/24");
    String before = ok("ps", "-q", "db");
    db("127.0.0.0/33");
    assertThat(stage.jcompose(folder, "up", "-d").exitCode()).isNotZero();
    Path other = Files.createDirectories(root.resolve("projects/taken"));
    Files.writeString(
        other.resolve("compose.yaml"),
        "services: {a: {image: busybox, command: sleep 1000, stop_signal: SIGKILL, networks: [n]}}\n"
            + "networks: {n: {ipam: {config: [{subnet: 10.78.0.0/24}]}}}\n");
    stage.ok(other, "up", "-d");
    db("10.78.0.0/24");
    Result up = stage.jcompose(folder, "up", "-d");
    assertThat(up.exitCode()).isEqualTo(1);
    assertThat(up.err()).contains("Pool overlaps");
    assertThat(ok("ps", "-q", "db")).isEqualTo(before);
    assertThat(data()).isEqualTo("precious\n");
    stage.ok(other, "down");
    ok("up", "-d");
    assertThat(ok("ps", "-q", "db")).isNotEqualTo(before);
    assertThat(data()).isEqualTo("precious\n");
    ok("down", "-v");
  }

  /** Killed at the moment when the former network is gone, and at others. */
  @Test
  void anEngineThatIsKilledWhileItChangesANetworkLosesNothing() throws Exception {
    bringUp("10.79.0.0/24");
    for (int i = 1; i <= 6; i++) {
      db("10.79." + i + ".0/24");
      String state = root.resolve("lib").toString();
      String change = i % 2 == 0 ? "containers" : "networks";
      stage.shell(
          folder,
          """
          before=$(ls STATE/CHANGE)
          pid=$(head -n 1 "$(find ROOT -maxdepth 2 -name engine.lock)")
          $J up -d >/dev/null 2>&1 &
          n=0
          while [ "$(ls STATE/CHANGE)" = "$before" ] && [ $n -lt 20000 ]; do n=$((n+1)); done
          kill -9 $pid
          wait
          true
          """
              .replace("ROOT", root.toString())
              .replace("STATE", state)
              .replace("CHANGE", change));
      ok("up", "-d");
      assertThat(data()).as("after kill %d", i).isEqualTo("precious\n");
      assertThat(ok("ps", "-a", "-q").lines()).as("after kill %d", i).hasSize(1);
    }
    ok("down", "-v");
    assertThat(ok("ps", "-a", "-q")).isEmpty();
  }

  @Test
  void whoRescuesDataByTheNameOfItsVolumeKeepsIt() throws Exception {
    bringUp("10.80.0.0/24");
    String volume = volume();
    ok("down");
    rescue(volume);
    ok("-f", "rescue.yaml", "up");
    ok("-f", "rescue.yaml", "down", "-v");
    rescue(volume);
    ok("-f", "rescue.yaml", "down", "-v");
  }

  @Test
  void renamingAServiceAndRemovingOrphansLeavesItsData() throws Exception {
    bringUp("10.81.0.0/24");
    String volume = volume();
    file("compose.yaml", DB.replace("SUBNET", "10.81.0.0/24").replace("db:", "database:"));
    ok("up", "-d", "--remove-orphans");
    assertThat(ok("ps", "-a", "--services").strip()).isEqualTo("database");
    ok("down", "-v");
    rescue(volume);
    ok("-f", "rescue.yaml", "down", "-v");
  }

  @Test
  void theCleanUpOfOneFileLeavesWhatAnotherBroughtUp() throws Exception {
    String service =
        "services: {%s: {image: busybox, command: 'sleep 1000', stop_signal: SIGKILL,"
            + " volumes: ['%s:/data']}}\nvolumes: {%s: }\n";
    file("a.yaml", service.formatted("database", "adata", "adata"));
    file("b.yaml", service.formatted("tests", "bdata", "bdata"));
    ok("-f", "a.yaml", "up", "-d");
    stage.shell(folder, "$J -f a.yaml exec -T database sh -c 'echo precious >/data/x'");
    ok("-f", "b.yaml", "up", "-d");
    ok("-f", "b.yaml", "down", "-v");
    assertThat(ok("-f", "a.yaml", "exec", "-T", "database", "cat", "/data/x"))
        .isEqualTo("precious\n");
    ok("-f", "b.yaml", "up", "-d");
    ok("-f", "a.yaml", "down");
    assertThat(ok("-f", "b.yaml", "ps", "-q", "tests")).isNotEmpty();
    ok("-f", "b.yaml", "down", "-v");
    assertThat(ok("-f", "a.yaml", "run", "--rm", "-T", "database", "cat", "/data/x"))
        .isEqualTo("precious\n");
    ok("-f", "a.yaml", "down", "-v");
  }
}
