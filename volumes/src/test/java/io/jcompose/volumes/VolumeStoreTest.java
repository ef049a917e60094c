package io.jcompose.volumes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.EngineEvent;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Mount;
import io.jcompose.core.Volumes.VolumeSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VolumeStoreTest {
  @TempDir Path root;
  private final List<String> told = new ArrayList<>();

  private VolumeStore open(String... users) {
    return VolumeStore.open(root.resolve("volumes"), name -> List.of(users), this::hear);
  }

  private void hear(EngineEvent event) {
    if (event instanceof EngineEvent.ObjectChanged change) {
      told.add(change.kind() + " " + change.action() + " " + change.id() + change.attributes());
    }
  }

  @Test
  void whatComesAndGoesIsToldOnce() {
    open().create(spec("v", Map.of()));
    open().create(spec("v", Map.of()));
    open().createAnonymous("a".repeat(64));
    open().remove("v");
    open().remove("v");
    assertThat(told)
        .containsExactly(
            "volume create v{driver=local}",
            "volume create " + "a".repeat(64) + "{driver=local}",
            "volume destroy v{driver=local}");
  }

  private static VolumeSpec spec(String name, Map<String, String> options) {
    return new VolumeSpec(name, "", options, Map.of("com.docker.compose.project", "shop"));
  }

  @Test
  void keepsVolumesAcrossAStart() {
    open().create(spec("shop_data", Map.of()));
    VolumeStore again = open();
    assertThat(again.list(Map.of("com.docker.compose.project", "shop")))
        .extracting(v -> v.name())
        .containsExactly("shop_data");
    assertThat(again.list(Map.of("com.docker.compose.project", "other"))).isEmpty();
    assertThat(again.find("shop_data").orElseThrow().mountpoint()).isDirectory();
  }

  @Test
  void removesOnlyWhatNobodyUses() {
    open().create(spec("v", Map.of()));
    assertThatThrownBy(() -> open("shop-db-1").remove("v"))
        .isInstanceOf(JcomposeException.Conflict.class)
        .hasMessage("remove v: volume is in use - [shop-db-1]");
    open().remove("v");
    open().remove("v");
    assertThat(root.resolve("volumes")).isEmptyDirectory();
  }

  @Test
  void finishesARemovalThatACrashBrokeOff() throws Exception {
    Files.createDirectories(root.resolve("volumes/.v.removed/_data/deep"));
    assertThat(open().list(Map.of())).isEmpty();
    assertThat(root.resolve("volumes")).isEmptyDirectory();
  }

  @Test
  void aVolumeWhoseNameLooksRemovedIsKept() throws Exception {
    Path data = open().create(spec("files.removed", Map.of())).mountpoint();
    Files.writeString(data.resolve("precious"), "x");
    assertThat(open().find("files.removed")).isPresent();
    assertThat(data.resolve("precious")).hasContent("x");
  }

  @Test
  void keepsTheDataOfADamagedRecord() throws Exception {
    open().create(spec("v", Map.of()));
    Files.writeString(root.resolve("volumes/v/_data/precious"), "x");
    Files.writeString(root.resolve("volumes/v/volume.json"), "{");
    assertThat(open().find("v").orElseThrow().mountpoint().resolve("precious")).hasContent("x");
  }

  @Test
  void givesBindsAndMemoryByOptions() {
    VolumeStore store = open();
    store.create(spec("b", Map.of("type", "none", "o", "bind,ro", "device", "/")));
    store.create(spec("t", Map.of("type", "tmpfs", "o", "size=1m", "device", "tmpfs")));
    assertThat(store.mount("b", "/x", false, ""))
        .isEqualTo(new Mount.Bind(Path.of("/"), "/x", true, false, "rprivate"));
    assertThatThrownBy(() -> store.mount("t", "/x", false, "")) // until somebody runs with it
        .isInstanceOf(JcomposeException.NotSupported.class)
        .hasMessageContaining("in memory");
    assertThatThrownBy(() -> store.create(spec("n", Map.of("type", "nfs", "device", ":/x"))))
        .isInstanceOf(JcomposeException.NotSupported.class);
  }

  @Test
  void refusesOptionsThatNeedOthers() {
    Map<String, Map<String, String>> incomplete =
        Map.of(
            "device", Map.of("o", "size=1m,noexec"),
            "type", Map.of("o", "bind", "device", "/x"));
    incomplete.forEach(
        (missing, options) ->
            assertThatThrownBy(() -> open().create(spec("v", options)))
                .isInstanceOf(JcomposeException.InvalidArgument.class)
                .hasMessage("create v: missing required option: \"" + missing + "\""));
    assertThat(root.resolve("volumes")).isEmptyDirectory();
  }

  @Test
  void aSubpathCannotLeadOut() throws Exception {
    VolumeStore store = open();
    Path data = store.create(spec("v", Map.of())).mountpoint();
    Files.createDirectory(data.resolve("in"));
    Files.createSymbolicLink(data.resolve("out"), Path.of("/"));
    assertThat(store.mount("v", "/x", true, "in"))
        .isEqualTo(new Mount.Bind(data, "/x", true, false, "rprivate", true, "in"));
    assertThatThrownBy(() -> store.mount("v", "/x", true, "out"))
        .isInstanceOf(JcomposeException.NotFound.class);
    assertThatThrownBy(() -> store.mount("v", "/x", true, "../.."))
        .isInstanceOf(JcomposeException.NotFound.class);
  }

  @Test
  void refusesNamesThatCouldBePaths() {
    for (String name : List.of("../x", "a/b", ".hidden", "-x")) {
      assertThatThrownBy(() -> open().create(spec(name, Map.of())))
          .isInstanceOf(JcomposeException.InvalidArgument.class);
    }
  }
}
