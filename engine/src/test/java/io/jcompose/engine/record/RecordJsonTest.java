package io.jcompose.engine.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.jcompose.core.ContainerSpec.FileSpec;
import io.jcompose.core.ContainerSpec.Health;
import io.jcompose.core.ContainerSpec.Lifecycle;
import io.jcompose.core.ContainerSpec.Logging;
import io.jcompose.core.ContainerSpec.MountSpec;
import io.jcompose.core.ContainerSpec.RestartPolicy;
import io.jcompose.core.ContainerView.PortBinding;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networking;
import io.jcompose.core.Networking.EndpointSpec;
import io.jcompose.core.Networking.PortSpec;
import io.jcompose.engine.TestSpec;
import io.jcompose.network.SandboxRecord;
import io.jcompose.runtime.TaskLabels;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecordJsonTest {
  private static final String ID = "c".repeat(64);

  @Test
  void readsBackWhatItWrote() {
    ContainerRecord record = full();
    assertThat(RecordJson.read(ID, RecordJson.write(record)))
        .isEqualTo(record.withRun(RunRecord.NONE));
    assertThat(RecordJson.readRun(RecordJson.writeRun(record))).isEqualTo(record.run());
  }

  /** Its methods' answers are no part of the format. */
  @Test
  void writesWhatARecordIsMadeOfAndNothingElse() throws IOException {
    assertThat(components(RunRecord.class)).containsAll(keys(RecordJson.writeRun(full())));
    assertThat(components(ContainerRecord.class)).containsAll(keys(RecordJson.write(full())));
  }

  private static List<String> keys(byte[] json) throws IOException {
    return new ObjectMapper().readTree(json).propertyStream().map(Map.Entry::getKey).toList();
  }

  private static List<String> components(Class<? extends Record> type) {
    return Stream.of(type.getRecordComponents()).map(RecordComponent::getName).toList();
  }

  @Test
  void nothingOfARunStandsBesideWhatCannotBeFoundAgain() {
    assertThat(RecordJson.readRun(RecordJson.write(full()))).isEqualTo(RunRecord.NONE);
  }

  @Test
  void readsBackARecordOfDefaults() {
    ContainerRecord record =
        ContainerRecord.created(
            ID, new TestSpec("x", "box").build(), "sha256:1", List.of("a"), Map.of(), List.of());
    assertThat(RecordJson.read(ID, RecordJson.write(record))).isEqualTo(record);
    assertThat(RecordJson.readRun(RecordJson.writeRun(record))).isEqualTo(RunRecord.NONE);
  }

  @Test
  void passesOverFieldsOfALaterVersion() {
    String json = new String(RecordJson.write(full()), StandardCharsets.UTF_8);
    byte[] later = ("{\"later\":{\"a\":[1]}," + json.substring(1)).getBytes(StandardCharsets.UTF_8);
    assertThat(RecordJson.read(ID, later)).isEqualTo(full().withRun(RunRecord.NONE));
  }

  @Test
  void anOlderVersionsRecordExposesNothing() {
    String json = new String(RecordJson.write(full()), StandardCharsets.UTF_8);
    String exposed = ",\"exposed\":[\"9000/tcp\",\"3000-3005/udp\"]";
    assertThat(json).contains(exposed);
    byte[] older = json.replace(exposed, "").getBytes(StandardCharsets.UTF_8);
    assertThat(RecordJson.read(ID, older).spec().networking())
        .isEqualTo(full().spec().networking().withExposed(List.of()));
  }

  /** What says nothing of it is kept: a volume too many does no harm. */
  @Test
  void volumesOfAnOlderVersionsRecordAreNotInherited() {
    String json = new String(RecordJson.write(full()), StandardCharsets.UTF_8);
    byte[] older = json.replace(",\"inherited\":true", "").getBytes(StandardCharsets.UTF_8);
    assertThat(RecordJson.read(ID, older).spec().mounts())
        .contains(new MountSpec.Volume("aaa", "/heir", false, true, ""));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "{}",
        "[]",
        "{\"id\":",
        "{\"id\":\"x\",\"command\":[],\"volumes\":{},\"anonymousVolumes\":[]}"
      })
  void callsDamagedTextCorrupt(String json) {
    assertThatThrownBy(() -> RecordJson.read(ID, json.getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(JcomposeException.Corrupt.class)
        .hasMessageContaining(ID);
  }

  @Test
  void callsTheRecordOfAnotherContainerCorrupt() {
    assertThatThrownBy(() -> RecordJson.read("d".repeat(64), RecordJson.write(full())))
        .isInstanceOf(JcomposeException.Corrupt.class);
  }

  private static ContainerRecord full() {
    TestSpec spec = new TestSpec("web", "box:1").command("a", "b c", "");
    spec.env = List.of("A=1", "B=ü\"\n");
    spec.entrypoint = List.of();
    spec.networking =
        new Networking(
            "networks",
            List.of(
                EndpointSpec.of("n", List.of("w"))
                    .with()
                    .ipv4Address("10.0.0.9")
                    .macAddress("02:00:00:00:00:01")
                    .gatewayPriority(7)
                    .build()),
            List.of(new PortSpec("127.0.0.1", 80, 81, 8080, "tcp")),
            List.of("1.1.1.1"),
            List.of("example.test"),
            List.of("ndots:1"),
            List.of("h:host-gateway"),
            List.of("9000/tcp", "3000-3005/udp"));
    spec.mounts.add(new MountSpec.Volume("data", "/data", true, true, "sub"));
    spec.mounts.add(new MountSpec.Volume("", "/anon", false, false, ""));
    spec.mounts.add(new MountSpec.Volume("aaa", "/heir", false, true, "", true));
    spec.mounts.add(new MountSpec.Bind(Path.of("/srv/x"), "/x", true, true, true, "rslave", "Z"));
    spec.mounts.add(new MountSpec.Tmpfs("/t", "size=1m"));
    spec.files.add(new FileSpec("c", "/c", Path.of("/etc/c"), null, -1, -1, -1, false));
    spec.files.add(new FileSpec("s", "/run/secrets/s", null, "x", 1, 2, 0440, true));
    spec.lifecycle =
        new Lifecycle(
            new RestartPolicy(RestartPolicy.Kind.ON_FAILURE, 3),
            "SIGINT",
            Duration.ofMillis(1500),
            true);
    spec.health = new Health(List.of("CMD", "x"), Duration.ofNanos(1), null, null, null, 2);
    spec.logging = new Logging("json-file", Map.of("max-size", "1m"));
    Instant at = Instant.parse("2026-01-02T03:04:05.123456789Z");
    return new ContainerRecord(
        ID,
        spec.build(),
        "sha256:1",
        List.of("a", "b c", ""),
        Map.of("/data", "data", "/anon", "f".repeat(64)),
        List.of("f".repeat(64)),
        at,
        new TaskLabels("u:r:t:s0:c1,c2", "u:object_r:f:s0:c1,c2"),
        new RunRecord(
            at.plusSeconds(1),
            null,
            137,
            true,
            "why \"not\"",
            4,
            true,
            sandbox(),
            Duration.ofMillis(400),
            true));
  }

  private static SandboxRecord sandbox() {
    return new SandboxRecord(
        ID,
        "web",
        "networks",
        List.of("web"),
        List.of("1.1.1.1"),
        List.of(
            new SandboxRecord.EndpointRecord(
                "n",
                "je1",
                "eth0",
                "10.0.0.9",
                "fd00::9",
                "02:00:00:00:00:01",
                0,
                List.of("w"),
                Map.of("db", "postgres"))),
        0,
        0,
        List.of(new PortBinding("0.0.0.0", 80, 8080, "tcp")),
        List.of(new PortSpec("", 80, 80, 8080, "tcp")),
        true);
  }
}
