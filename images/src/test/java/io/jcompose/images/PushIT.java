package io.jcompose.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.ImageReference;
import io.jcompose.core.Images.ImageView;
import io.jcompose.core.Images.Pushed;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Progress;
import io.jcompose.images.registry.PushRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PushIT extends StoreUnderTest {
  private PushRegistry target;
  private final List<String> told = Collections.synchronizedList(new ArrayList<>());
  private final Progress progress =
      step -> told.add((step.parentId() == null ? "" : "layer ") + step.status());

  @BeforeEach
  void startTarget() throws Exception {
    target = new PushRegistry();
    registry.image("app", "1", "amd64", tar("a", noise(1, 50_000)), tar("b", noise(2, 90_000)));
  }

  @AfterEach
  void nothingIsOpen() {
    assertThat(target.open()).isZero();
    target.close();
  }

  private Pushed push(String name) {
    return store.push(target.host() + "/" + name, progress);
  }

  private void named(String... names) {
    ImageView image = pull("app:1");
    Stream.of(names).forEach(name -> store.tag(image.id(), target.host() + "/" + name));
  }

  private Path blob(String digest) {
    return temp.resolve("images/blobs/sha256").resolve(digest.replace("sha256:", ""));
  }

  @Test
  void pushesWhatCanBePulledAgain() {
    named("team/app:2");
    Pushed pushed = push("team/app:2");
    String digest = pull("app:1").repoDigests().getFirst().replaceFirst(".*@", "");
    assertThat(pushed.digest()).isEqualTo(digest);
    assertThat(pushed.tag()).isEqualTo("2");
    byte[] manifest = Objects.requireNonNull(target.contents.get("/v2/team/app/manifests/2"));
    assertThat(pushed.sizeBytes()).isEqualTo(manifest.length);
    assertThat(target.requests).last().isEqualTo("PUT /v2/team/app/manifests/2");
    assertThat(store.find(target.host() + "/team/app@" + digest)).isPresent();
    assertThat(told).startsWith("Pushing").endsWith("Pushed");
    assertThat(told.stream().filter("layer Pushed"::equals)).hasSize(2);
    store.remove(pull("app:1").id(), true);
    assertThat(store.pull(target.host() + "/team/app:2", "", Progress.NONE).repoDigests())
        .containsExactly(target.host() + "/team/app@" + digest);
  }

  @Test
  void sendsNothingThatIsThere() {
    named("team/app:2", "team/app:3");
    push("team/app:2");
    target.requests.clear();
    told.clear();
    push("team/app:3");
    assertThat(target.count("POST")).isZero();
    assertThat(told.stream().filter("layer Layer already exists"::equals)).hasSize(2);
  }

  @Test
  void mountsWhatAnotherRepositoryOfTheRegistryHas() {
    named("team/app:2", "other:1");
    push("team/app:2");
    target.requests.clear();
    told.clear();
    push("other:1");
    assertThat(target.count("PATCH")).isZero();
    assertThat(target.count("&from=team%2Fapp")).isEqualTo(3); // and the config
    assertThat(told.stream().filter("layer Mounted from team/app"::equals)).hasSize(2);
  }

  @Test
  void whatHasNoNameThereIsNotPushed() {
    pull("app:1");
    assertThatThrownBy(() -> push("nobody:1"))
        .isInstanceOf(JcomposeException.NotFound.class)
        .hasMessageContaining("An image does not exist locally with the tag: ");
    assertThatThrownBy(() -> push("app@sha256:" + "0".repeat(64)))
        .isInstanceOf(JcomposeException.InvalidArgument.class);
    assertThat(target.requests).isEmpty();
  }

  @Test
  void fiveLayersAtOnceAtMost() throws Exception {
    byte[][] tars = new byte[12][];
    for (int i = 0; i < tars.length; i++) {
      tars[i] = tar("f" + i, noise(i, 200_000));
    }
    registry.image("many", "1", "amd64", tars);
    store.tag(pull("many:1").id(), target.host() + "/many:1");
    CountDownLatch five = new CountDownLatch(5);
    target.fault =
        exchange -> {
          if (exchange.getRequestMethod().equals("PATCH")) {
            five.countDown();
            await(five);
          }
          return false;
        };
    push("many:1");
    assertThat(five.getCount()).isZero();
    assertThat(target.most.get()).isBetween(1, 5);
  }

  @Test
  void aPushThatIsGivenUpLeavesNothing() throws Exception {
    named("team/app:2");
    CountDownLatch begun = new CountDownLatch(2); // one a layer
    CountDownLatch end = new CountDownLatch(1);
    target.fault =
        exchange -> {
          if (exchange.getRequestMethod().equals("PATCH")) {
            begun.countDown();
            await(end);
            return true;
          }
          return false;
        };
    AtomicReference<Throwable> why = new AtomicReference<>();
    Thread pushing =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    push("team/app:2");
                  } catch (RuntimeException e) {
                    why.set(e);
                  }
                });
    assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();
    pushing.interrupt();
    assertThat(pushing.join(Duration.ofSeconds(20))).isTrue();
    end.countDown();
    assertThat(why.get()).isInstanceOf(JcomposeException.Cancelled.class);
    assertThat(target.count("PUT /v2/team/app/manifests")).isZero();
  }

  private static void await(CountDownLatch latch) throws IOException {
    try {
      assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  /** An image of which a layer was made here, so that it can be packed again. */
  private String made() throws Exception {
    Path upper = Files.createDirectories(temp.resolve("upper/folder")).resolveSibling(".");
    Files.write(upper.resolve("folder/file"), noise(7, 100_000));
    Files.createSymbolicLink(upper.resolve("link"), Path.of("folder/file"));
    return store.commit(
        pull("app:1").id(),
        new LayerFiles(upper.normalize(), (path, status) -> false, () -> false),
        new Authorship(Instant.EPOCH, "", "x", ""),
        config -> {},
        ImageReference.parse(target.host() + "/made:1"));
  }

  private String layerOf(String id) throws IOException {
    for (Path file : Files.list(temp.resolve("images/blobs/sha256")).toList()) {
      String text =
          Files.size(file) < 4000 ? Files.readString(file, StandardCharsets.ISO_8859_1) : "";
      if (text.contains("\"layers\"") && text.contains(id)) {
        return text.replaceFirst("(?s).*\"digest\":\"([^\"]*)\".*", "$1");
      }
    }
    throw new IllegalStateException("no manifest of " + id);
  }

  @Test
  void packsALayerOnceWhoseBlobIsNotKept() throws Exception {
    String id = made();
    String layer = layerOf(id);
    Files.delete(blob(layer));
    Pushed first = push("made:1");
    assertThat(target.contents.get("/v2/made/blobs/" + layer)).isNotNull();
    assertThat(first.digest()).isNotEmpty();

    Object packed = Files.getLastModifiedTime(blob(layer));
    store.prune(false);
    reopen();
    store.tag(id, target.host() + "/made:2");
    assertThat(push("made:2").digest()).isEqualTo(first.digest());
    assertThat(Files.getLastModifiedTime(blob(layer))).isEqualTo(packed);

    users.clear();
    store.remove(id, true);
    assertThat(blob(layer)).doesNotExist();
  }

  @Test
  void refusesALayerThatHasChanged() throws Exception {
    String id = made();
    Files.delete(blob(layerOf(id)));
    Path file =
        store.layers(id).stream()
            .map(layer -> layer.resolve("folder/file"))
            .filter(Files::exists)
            .findFirst()
            .orElseThrow();
    Files.write(file, noise(8, 100_000));
    assertThatThrownBy(() -> push("made:1"))
        .isInstanceOf(JcomposeException.Corrupt.class)
        .hasMessageContaining("cannot be packed: its files give sha256:");
    assertThat(target.requests).isEmpty();
  }
}
