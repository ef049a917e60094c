package io.jcompose.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.Images;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Progress;
import io.jcompose.images.ImageStore;
import io.jcompose.images.registry.RegistryConfig;
import io.jcompose.images.repository.Upstream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three engines: one has an image, one is the mirror, and one pulls; the mirror from itself, too.
 */
@Timeout(60)
class MirrorIT {
  private static final String PORT = "5999"; // of the mirror, in the test host's network

  @TempDir Path temp;

  private ImageStore store(String name, Map<String, List<URI>> mirrors) {
    RegistryConfig config =
        new RegistryConfig(mirrors, List.of(), List.of(), temp.resolve("none.json"), key -> null);
    return ImageStore.open(
        temp.resolve(name + "/images"),
        temp.resolve(name + "/containers"),
        config,
        id -> List.of());
  }

  private Registry registry(String name, ImageStore store) {
    return new Registry(temp.resolve(name + "/registry"), store.repositories());
  }

  private static RegistrySettings settings(int port, List<Upstream> upstreams) {
    return new RegistrySettings("127.0.0.1", port, List.of(), "", "", false, 7, upstreams);
  }

  private static byte[] root() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
      TarArchiveEntry entry = new TarArchiveEntry("file");
      entry.setSize(9);
      tar.putArchiveEntry(entry);
      tar.write(new byte[9]);
      tar.closeArchiveEntry();
    }
    return bytes.toByteArray();
  }

  @Test
  void isOneForOtherEnginesAndForItself() throws Exception {
    try (ImageStore source = store("source", Map.of());
        Registry origin = registry("source", source)) {
      String host = origin.serve(settings(0, List.of())).address().replace("http://", "");
      String name = host + "/team/app:1";
      String id =
          source.importRoot(
              new ByteArrayInputStream(root()), new Images.Import(name, List.of(), "", ""));
      source.push(name, Progress.NONE);
      Map<String, List<URI>> mirrors =
          Map.of(host, List.of(URI.create("http://127.0.0.1:" + PORT)));
      try (ImageStore between = store("between", mirrors);
          Registry mirror = registry("between", between);
          ImageStore far = store("far", mirrors);
          ImageStore late = store("late", mirrors)) {
        RegistryStatus status =
            mirror.serve(settings(Integer.parseInt(PORT), List.of(new Upstream(host))));
        assertThat(status.address()).endsWith(PORT);
        assertThat(far.pull(name, "", Progress.NONE).id()).isEqualTo(id);
        assertThat(between.pull(name, "", Progress.NONE).id()).isEqualTo(id);
        assertThat(origin.stop()).isTrue();
        assertThat(late.pull(name, "", Progress.NONE).id()).isEqualTo(id);
      }
    }
  }

  @Test
  void whatWouldHideAPushIsRefusedAndSoIsItself() throws Exception {
    try (ImageStore store = store("one", Map.of());
        Registry registry = registry("one", store)) {
      String host = registry.serve(settings(0, List.of())).address().replace("http://", "");
      String name = host + "/quay.io/team/app:1";
      assertThat(
              store.importRoot(
                  new ByteArrayInputStream(root()), new Images.Import(name, List.of(), "", "")))
          .isNotEmpty();
      store.push(name, Progress.NONE);
      assertThatThrownBy(() -> registry.serve(settings(0, List.of(new Upstream("quay.io")))))
          .isInstanceOf(JcomposeException.InvalidArgument.class)
          .hasMessageContaining("quay.io/team/app was pushed here");
      assertThat(registry.contents().remove("quay.io/team/app")).startsWith("Deleted");
      assertThat(registry.serve(settings(0, List.of(new Upstream("quay.io")))).settings())
          .extracting(RegistrySettings::upstreams)
          .isEqualTo(List.of(new Upstream("quay.io")));
      Upstream itself = new Upstream("localhost:" + PORT);
      assertThatThrownBy(() -> registry.serve(settings(Integer.parseInt(PORT), List.of(itself))))
          .isInstanceOf(JcomposeException.InvalidArgument.class)
          .hasMessageContaining("is this registry itself");
      assertThat(registry.status()).isPresent(); // what was served before goes on
      assertThat(registry.settings().upstreams()).containsExactly(new Upstream("quay.io"));
    }
  }
}
