package io.jcompose.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.compose.LoadRequest;
import io.jcompose.compose.ProjectLoader;
import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerSpec.MountSpec;
import io.jcompose.core.Networking.EndpointSpec;
import io.jcompose.core.Networks.NetworkSpec;
import io.jcompose.scheduler.desired.Translation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The network that all projects share, and sockets that nobody has made. */
@Timeout(60)
class BridgeModeTest {
  private final Path folder;
  private final ProjectsFixture host;

  BridgeModeTest(@TempDir Path dir) throws IOException {
    folder = Files.createDirectory(dir.resolve("shop"));
    host = new ProjectsFixture(Files.createDirectory(dir.resolve("projects")));
  }

  @AfterEach
  void close() {
    host.close();
  }

  private Translation translated(String text) throws IOException {
    Files.writeString(folder.resolve("compose.yaml"), text);
    return Translation.of(new ProjectLoader().load(LoadRequest.of(folder, Map.of())));
  }

  @Test
  void isMadeWhenItIsWantedAndStaysWhenTheProjectGoes() throws IOException {
    Translation one =
        translated("services: {a: {image: busybox, network_mode: bridge, ports: ['80:80']}}");
    one.requireSupported(one.desired().services().keySet());
    host.open().up(one, UpOptions.DEFAULT, host.progress);
    ContainerSpec spec = host.engine.find("shop-a-1").orElseThrow().spec();
    assertThat(spec.networking().endpoints())
        .extracting(EndpointSpec::network)
        .containsExactly("bridge");
    assertThat(spec.networking().endpoints().getFirst().aliases())
        .as("a service's name would lead to another project's")
        .containsExactly("shop-a-1");
    assertThat(spec.networking().ports()).hasSize(1);
    host.said.clear();
    host.projects().up(one, UpOptions.DEFAULT, host.progress);
    assertThat(host.said).containsExactly("Container shop-a-1 Running");
    host.projects().down("shop", DownOptions.DEFAULT, host.progress);
    assertThat(host.engine.text()).isEqualTo("network bridge\n");
  }

  @Test
  void isWhatAnExternalNetworkOfThatNameMeans() throws IOException {
    Translation one =
        translated(
            """
            services: {a: {image: busybox, networks: [x]}}
            networks: {x: {external: true, name: bridge}}
            """);
    host.open().up(one, UpOptions.DEFAULT, host.progress);
    assertThat(host.engine.networks.get("bridge").spec())
        .usingRecursiveComparison()
        .ignoringFields("driver", "pools") // which the engine fills in
        .isEqualTo(NetworkSpec.predefinedBridge());
  }

  @Test
  void aFolderIsNeverMadeInThePlaceOfASocket() throws IOException {
    Translation one =
        translated(
            """
            services:
              a: {image: busybox, volumes: ["/run/x.sock:/x.sock", "/srv/data:/data"]}
            """);
    assertThat(one.desired().services().get("a").template().mounts())
        .extracting(mount -> ((MountSpec.Bind) mount).createHostPath())
        .containsExactly(false, true);
  }
}
