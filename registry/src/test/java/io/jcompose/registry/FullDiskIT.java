package io.jcompose.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.images.repository.Upstream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A store on a disk of 32 MiB, which becomes full. */
class FullDiskIT extends RegistryUnderTest {
  private final byte[] small = noise(1, 1_000_000);
  private final byte[] large = noise(2, 40_000_000);

  @BeforeEach
  @Override
  void open() throws IOException {
    Path disk = Files.createDirectories(temp.resolve("images"));
    run("mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", disk.toString());
    super.open();
  }

  @AfterEach
  @Override
  void close() throws IOException {
    super.close();
    run("umount", temp.resolve("images").toString());
  }

  private static void run(String... command) throws IOException {
    try {
      assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  private void assertFull(HttpResponse<byte[]> answer) {
    assertThat(answer.statusCode()).as(text(answer)).isEqualTo(507);
    assertThat(text(answer)).contains("no space left");
  }

  @Test
  void aPushThatDoesNotFitIsRefusedAndLeavesRoomForOthers() throws Exception {
    byte[] manifest = pushImage("app", "1", small);
    String location = begin("app");
    assertFull(send("PATCH", location, large));
    assertThat(names("ingest")).isEmpty();
    assertRefused(get(location), 404, "BLOB_UPLOAD_UNKNOWN");
    assertThat(get("/v2/app/manifests/1").body()).isEqualTo(manifest);
    assertThat(get("/v2/app/blobs/" + digest(small)).body()).isEqualTo(small);
    assertFull(send("PUT", begin("app") + "?digest=" + digest(large), large));
    assertThat(isOnDisk(digest(large))).isFalse();
    assertThat(names("ingest")).isEmpty();
    pushImage("app", "2", noise(3, 1_000_000));
  }

  @Test
  void whatDoesNotFitIsNotFetchedAndTheRestIs() throws Exception {
    try (OtherRegistry other = new OtherRegistry()) {
      other.image("app", "1", small, large);
      repositories.upstreams().serve(List.of(new Upstream(other.host())), Duration.ofHours(1));
      String name = "/v2/" + other.prefix() + "/app";
      assertThat(get(name + "/manifests/1").statusCode()).isEqualTo(200);
      assertFull(get(name + "/blobs/" + digest(large)));
      assertThat(other.count(digest(large).hex())).isZero();
      assertThat(get(name + "/blobs/" + digest(small)).body()).isEqualTo(small);
      assertThat(names("ingest")).isEmpty();
    }
  }

  @Test
  void aDiskThatBecomesFullOnTheWayCutsTheAnswerAndLeavesNothing() throws Exception {
    byte[] fits = noise(4, 25_000_000);
    try (OtherRegistry other = new OtherRegistry()) {
      other.image("app", "1", fits);
      repositories.upstreams().serve(List.of(new Upstream(other.host())), Duration.ofHours(1));
      String name = "/v2/" + other.prefix() + "/app";
      get(name + "/manifests/1");
      Path ballast = temp.resolve("images/ballast");
      other.fault =
          (exchange, path, content) -> {
            if (path.endsWith(digest(fits).toString())) {
              Files.write(ballast, new byte[20_000_000]);
            }
            return false;
          };
      try (SlowReader reader = SlowReader.get(front.port(), name + "/blobs/" + digest(fits))) {
        assertThat(reader.bytesOfRest()).isLessThan(fits.length);
      }
      assertThat(names("ingest")).isEmpty();
      Files.delete(ballast);
      other.fault = (exchange, path, content) -> false;
      assertThat(get(name + "/blobs/" + digest(fits)).body()).isEqualTo(fits);
    }
  }
}
