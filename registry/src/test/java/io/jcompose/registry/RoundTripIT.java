package io.jcompose.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.Images;
import io.jcompose.core.Progress;
import io.jcompose.images.ImageStore;
import io.jcompose.images.registry.RegistryConfig;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two engines: what is made on one is pulled by the other, and pushed back. */
class RoundTripIT extends RegistryUnderTest {
  private ImageStore farStore;
  private Registry registry;
  private String registryHost;

  @BeforeEach
  void start() {
    RegistryConfig config =
        new RegistryConfig(Map.of(), List.of(), List.of(), temp.resolve("none.json"), key -> null);
    farStore =
        ImageStore.open(temp.resolve("far/images"), temp.resolve("far/c"), config, id -> List.of());
    registry = new Registry(temp.resolve("registry"), repositories);
    base =
        registry
            .serve(new RegistrySettings("127.0.0.1", 0, List.of(), "", "", false, 7, List.of()))
            .address();
    registryHost = base.replace("http://", "");
  }

  @AfterEach
  @Override
  void close() throws IOException {
    registry.close();
    farStore.close();
    http.shutdownNow();
    front.close();
    store.close();
  }

  private static byte[] root(String text) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
      byte[] content = text.getBytes(StandardCharsets.UTF_8);
      TarArchiveEntry entry = new TarArchiveEntry("file");
      entry.setSize(content.length);
      tar.putArchiveEntry(entry);
      tar.write(content);
      tar.closeArchiveEntry();
    }
    return bytes.toByteArray();
  }

  private static String imported(ImageStore into, String name) throws IOException {
    return into.importRoot(
        new ByteArrayInputStream(root("made for " + name)),
        new Images.Import(name, List.of(), "", ""));
  }

  @Test
  void aPushToOnesOwnRegistryIsALink() throws Exception {
    String name = registryHost + "/team/app:1";
    String id = imported(store, name);
    List<String> before = names("blobs/sha256");
    List<String> told = Collections.synchronizedList(new ArrayList<>());
    Images.Pushed pushed = store.push(name, step -> told.add(String.valueOf(step.status())));
    assertThat(names("blobs/sha256")).containsExactlyInAnyOrderElementsOf(before);
    assertThat(told).contains("Layer already exists").endsWith("Pushed");
    assertThat(header(get("/v2/team/app/manifests/1"), "Docker-Content-Digest"))
        .isEqualTo(pushed.digest());
    assertThat(farStore.pull(name, "", Progress.NONE).id()).isEqualTo(id);
    assertThat(store.find(registryHost + "/team/app@" + pushed.digest())).isPresent();
  }

  @Test
  void whatIsPushedOutlivesTheImageAndWhatIsDeletedThereDoesNotTakeIt() throws Exception {
    String name = registryHost + "/team/app:1";
    String id = imported(store, name);
    store.push(name, Progress.NONE);
    assertThat(store.remove(id, true)).contains("Deleted: " + id);
    assertThat(store.prune(true).removed()).isEmpty();
    assertThat(store.pull(name, "", Progress.NONE).id()).isEqualTo(id);
    assertThat(registry.contents().remove("team/app")).isEqualTo("Deleted: team/app");
    assertThat(farStore.find(name)).isEmpty();
    store.tag(id, registryHost + "/again:1");
    store.push(registryHost + "/again:1", Progress.NONE);
    assertThat(farStore.pull(registryHost + "/again:1", "", Progress.NONE).id()).isEqualTo(id);
  }

  @Test
  void anotherEnginePushesAndThisOneHasIt() throws Exception {
    String name = registryHost + "/far/app:1";
    String id = imported(farStore, name);
    farStore.push(name, Progress.NONE);
    assertThat(store.find(name)).isEmpty();
    assertThat(store.pull(name, "", Progress.NONE).id()).isEqualTo(id);
    assertThat(registry.contents().tags("far/app")).hasSize(1);
  }
}
