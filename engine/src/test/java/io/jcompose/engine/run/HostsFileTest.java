package io.jcompose.engine.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerView.EndpointView;
import io.jcompose.engine.record.ContainerRecord;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostsFileTest {
  @TempDir Path folder;

  private static ContainerRecord named(String hostname) {
    ContainerSpec plain = ContainerSpec.of("web", "busybox");
    ContainerSpec spec =
        plain.with().process(plain.process().with().hostname(hostname).build()).build();
    return ContainerRecord.created(
        "a".repeat(64), spec, "sha256:" + "b".repeat(64), List.of("sh"), Map.of(), List.of());
  }

  private static List<EndpointView> at(String address) {
    return List.of(new EndpointView("n", "id", address, "", "", "", List.of()));
  }

  @Test
  void anAddressComesAndGoesAndTheRestStaysAsItIs() throws Exception {
    Path file =
        Files.writeString(folder.resolve("hosts"), "127.0.0.1\tlocalhost\n10.0.0.1\thäst\n");
    new HostsFile(file).change(named("häst"), at("10.0.0.1"), at("10.0.0.2"));
    assertThat(Files.readString(file))
        .startsWith("127.0.0.1\tlocalhost\n")
        .contains("10.0.0.2\thäst")
        .doesNotContain("10.0.0.1");
  }

  @Test
  void oneThatTheContainerMadeLongStaysAsItIs() throws Exception {
    Path file = Files.writeString(folder.resolve("hosts"), "127.0.0.1\tlocalhost\n");
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.position(1_900_000_000).write(ByteBuffer.wrap(new byte[] {'\n'}));
    }
    new HostsFile(file).change(named("web"), at("10.0.0.1"), at("10.0.0.2"));
    assertThat(Files.size(file)).isEqualTo(1_900_000_001);
  }

  @Test
  void oneThatIsNoFileIsLeftAlone() throws Exception {
    Path pipe = folder.resolve("pipe");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    new HostsFile(pipe).change(named("web"), at("10.0.0.1"), at("10.0.0.2"));
    assertThat(pipe).exists();
  }
}
