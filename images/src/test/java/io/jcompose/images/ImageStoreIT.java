package io.jcompose.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.Images.ImageView;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Mount;
import io.jcompose.core.Progress;
import io.jcompose.images.registry.RegistryConfig;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageStoreIT {
  @TempDir Path temp;
  private FaultyRegistry registry;
  private ImageStore store;
  private final List<String> users = new ArrayList<>();
  private byte[] base;
  private byte[] top;

  @BeforeEach
  void start() throws Exception {
    registry = new FaultyRegistry();
    byte[] noise = new byte[100_000];
    new Random(1).nextBytes(noise);
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put("owned/", new byte[0]);
    files.put("owned/old", "old".getBytes(StandardCharsets.UTF_8));
    files.put("noise", noise);
    base = FaultyRegistry.tar(files);
    top = FaultyRegistry.tar(Map.of("owned/new", "new".getBytes(StandardCharsets.UTF_8)));
    registry.image("app", "1", "amd64", base, top);
    open(config());
  }

  @AfterEach
  void nothingUnfinishedIsLeft() throws Exception {
    store.close();
    registry.close();
    try (Stream<Path> snapshots = Files.list(temp.resolve("images/snapshots"))) {
      assertThat(snapshots.filter(p -> p.getFileName().toString().startsWith("."))).isEmpty();
    }
  }

  private RegistryConfig config() {
    return new RegistryConfig(
        Map.of(), List.of(), List.of(), temp.resolve("none.json"), key -> null);
  }

  private void open(RegistryConfig config) {
    store =
        ImageStore.open(temp.resolve("images"), temp.resolve("containers"), config, id -> users);
  }

  private ImageView pull() {
    return store.pull(registry.host() + "/app:1", "", Progress.NONE);
  }

  @Test
  void pullsUnpacksAndFindsAgain() throws Exception {
    ImageView image = pull();
    assertThat(image.command()).containsExactly("sh");
    assertThat(image.ports()).containsExactly("80/tcp");
    assertThat(image.references()).containsExactly(registry.host() + "/app:1");
    assertThat(store.find(registry.host() + "/app:1")).contains(image);
    assertThat(store.find(image.id().substring(7, 19))).contains(image);
    assertThat(store.find(image.id(), "")).contains(image);
    assertThat(store.find(image.id(), image.platform())).contains(image);
    assertThat(store.find(image.id(), "linux/s390x")).isEmpty();
    Mount.Overlay overlay = store.createLayer("c1", image.id(), 0);
    assertThat(Files.readString(overlay.lower().getFirst().resolve("owned/new"))).isEqualTo("new");
    assertThat(Files.readString(overlay.lower().getLast().resolve("owned/old"))).isEqualTo("old");
    assertThat(overlay.upper()).isDirectory();
    assertThat(store.layer("c1", image.id())).isEqualTo(overlay);
    store.removeLayer("c1");
    store.removeLayer("c1");
    assertThat(overlay.upper()).doesNotExist();
    assertThat(store.prune(false).removed()).isEmpty();
  }

  @Test
  void fitsImpliedDirectoriesToTheLayersBelow() throws Exception {
    Path implied = store.layers(pull().id()).getFirst().resolve("owned");
    assertThat(Files.getAttribute(implied, "unix:uid")).isEqualTo(33);
    assertThat(Files.getAttribute(implied, "unix:gid")).isEqualTo(44);
    assertThat((int) Files.getAttribute(implied, "unix:mode") & 07777).isEqualTo(0750);
    registry.image("bare", "1", "amd64", top);
    Path alone =
        store
            .layers(store.pull(registry.host() + "/bare:1", "", Progress.NONE).id())
            .getFirst()
            .resolve("owned");
    assertThat(Files.getAttribute(alone, "unix:uid")).isEqualTo(0);
    assertThat(Files.getAttribute(implied, "unix:uid")).isEqualTo(33);
  }

  @Test
  void stacksALayerThatComesTwiceOnce() throws Exception {
    byte[] empty = FaultyRegistry.tar(Map.of());
    byte[] again = FaultyRegistry.tar(Map.of(".wh.gone", new byte[0], "kept", new byte[] {'1'}));
    byte[] between = FaultyRegistry.tar(Map.of("gone", new byte[] {'x'}, "kept", new byte[] {'2'}));
    registry.image("twice", "1", "amd64", base, empty, again, between, again, empty);
    ImageView image = store.pull(registry.host() + "/twice:1", "", Progress.NONE);
    Mount.Overlay overlay = store.createLayer("c2", image.id(), 0);
    assertThat(overlay.lower()).hasSize(4).doesNotHaveDuplicates();
    assertThat(store.layers(image.id())).hasSize(4).doesNotHaveDuplicates();
    Path target = Files.createDirectory(temp.resolve("merged"));
    List<String> lower = overlay.lower().stream().map(Path::toString).toList();
    run("mount", "-t", "overlay", "-o", "lowerdir=" + String.join(":", lower), "o", target + "");
    try {
      assertThat(target.resolve("gone")).doesNotExist();
      assertThat(target.resolve("kept")).hasContent("1");
      assertThat(target.resolve("owned/old")).hasContent("old");
    } finally {
      run("umount", target.toString());
    }
  }

  private static void run(String... command) throws Exception {
    assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
  }

  @Test
  void goesOnAfterCutsAndBusyAnswers() {
    registry.cuts.set(3);
    registry.busyAnswers.set(3);
    assertThat(pull().sizeBytes()).isEqualTo(100_006);
    assertThat(registry.requests).anyMatch(request -> request.contains("bytes="));
  }

  @Test
  void goesOnWithoutRanges() {
    registry.ranges = false;
    registry.cuts.set(2);
    assertThat(pull().sizeBytes()).isEqualTo(100_006);
  }

  @Test
  void keepsWhatAFailedPullHasForTheNextStart() throws Exception {
    registry.cuts.set(100);
    assertThatThrownBy(this::pull)
        .isInstanceOf(JcomposeException.Unavailable.class)
        .hasMessageContaining("kept for the next pull");
    assertThat(store.list()).isEmpty();
    store.close();
    registry.cuts.set(0);
    registry.requests.clear();
    open(config());
    assertThat(pull().sizeBytes()).isEqualTo(100_006);
    assertThat(registry.requests).anyMatch(request -> request.contains("bytes="));
  }

  @Test
  void refusesContentThatDoesNotMatch() throws Exception {
    byte[] packed = FaultyRegistry.gzip(base);
    byte[] wrong = packed.clone();
    wrong[wrong.length / 2] ^= 1;
    registry.contents.put("/v2/app/blobs/" + FaultyRegistry.digest(packed), wrong);
    assertThatThrownBy(this::pull).isInstanceOf(JcomposeException.Corrupt.class);
    assertThat(store.list()).isEmpty();
    registry.contents.put("/v2/app/blobs/" + FaultyRegistry.digest(packed), packed);
    assertThat(pull().sizeBytes()).isEqualTo(100_006);
  }

  @Test
  void getsATokenWhereOneIsAskedFor() {
    registry.wantsToken = true;
    assertThat(pull().sizeBytes()).isEqualTo(100_006);
    assertThat(registry.count("/token")).isEqualTo(1);
  }

  @Test
  void takesDockerHubsImagesFromTheMirror() throws Exception {
    registry.image("library/hello", "latest", "amd64", base);
    store.close();
    open(
        new RegistryConfig(
            Map.of("docker.io", List.of(URI.create("http://" + registry.host()))),
            List.of(),
            List.of(),
            temp.resolve("none.json"),
            key -> null));
    assertThat(store.pull("hello", "", Progress.NONE).references()).containsExactly("hello:latest");
    assertThat(store.find("hello")).isPresent();
  }

  @Test
  void saysWhatIsMissingOrDoesNotFit() throws Exception {
    assertThatThrownBy(() -> store.pull(registry.host() + "/nothing:1", "", Progress.NONE))
        .isInstanceOf(JcomposeException.NotFound.class)
        .hasMessage("manifest for " + registry.host() + "/nothing:1 not found: manifest unknown");
    registry.manifest(
        "multi",
        "1",
        "{\"schemaVersion\":2,\"manifests\":[{\"digest\":\"sha256:%s\",\"size\":1,\"platform\":{\"os\":\"linux\",\"architecture\":\"s390x\"}}]}"
            .formatted("a".repeat(64))
            .getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(() -> store.pull(registry.host() + "/multi:1", "linux/amd64", Progress.NONE))
        .isInstanceOf(JcomposeException.NotFound.class)
        .hasMessageContaining("no matching manifest for linux/amd64")
        .hasMessageContaining("linux/s390x");
    assertThatThrownBy(() -> store.pull("127.0.0.1:1/x", "", Progress.NONE))
        .isInstanceOf(JcomposeException.Unavailable.class)
        .hasMessageContaining("http://127.0.0.1:1: connection refused");
  }

  @Test
  void sharesOnePullAmongManyCallers() throws Exception {
    try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
      Callable<ImageView> task = this::pull;
      for (var result : pool.invokeAll(Collections.nCopies(20, task))) {
        assertThat(result.get().sizeBytes()).isEqualTo(100_006);
      }
    }
    assertThat(registry.requests.stream().filter(r -> r.startsWith("GET") && r.contains("/blobs/")))
        .hasSize(3);
  }

  @Test
  void removesOnlyWhatNobodyUses() throws Exception {
    ImageView image = pull();
    users.add("web");
    String name = registry.host() + "/app:1";
    assertThatThrownBy(() -> store.remove(name, false))
        .isInstanceOf(JcomposeException.Conflict.class)
        .hasMessageContaining("container web is using its referenced image");
    assertThat(store.prune(true).removed()).isEmpty();
    users.clear();
    assertThat(store.remove(name, false)).contains("Untagged: " + name, "Deleted: " + image.id());
    assertThat(store.list()).isEmpty();
    try (Stream<Path> blobs = Files.list(temp.resolve("images/blobs/sha256"));
        Stream<Path> snapshots = Files.list(temp.resolve("images/snapshots"))) {
      assertThat(blobs).isEmpty();
      assertThat(snapshots).isEmpty();
    }
    assertThatThrownBy(() -> store.remove(name, false))
        .isInstanceOf(JcomposeException.NotFound.class);
  }

  @Test
  void dropsWhatAPowerCutMayHaveDamaged() throws Exception {
    pull();
    store.close();
    Path file = temp.resolve("images/images.json");
    String durable = Files.readString(file);
    assertThat(durable).doesNotContain("unsyncedBoot");
    Files.writeString(
        file, durable.replace("\"layers\"", "\"unsyncedBoot\":\"another\",\"layers\""));
    open(config());
    assertThat(store.list()).isEmpty();
    assertThat(pull().sizeBytes()).isEqualTo(100_006);
  }
}
