package io.jcompose.images.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.Digest;
import io.jcompose.core.JcomposeException;
import io.jcompose.images.oci.Descriptor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CatalogTest {
  @TempDir Path temp;
  private Catalog catalog;

  @BeforeEach
  void open() {
    catalog = Catalog.open(temp, "boot");
  }

  private static StoredImage image(char id, @Nullable String boot, String... references) {
    Digest digest = Digest.parse("sha256:" + String.valueOf(id).repeat(64));
    return new StoredImage(
        digest,
        new Descriptor("m", digest, 1),
        List.of(references),
        List.of(),
        List.of(digest),
        List.of(),
        boot,
        null);
  }

  private static String name(String tag) {
    return "docker.io/library/app:" + tag;
  }

  private String list() throws Exception {
    return Files.readString(temp.resolve("images.json"));
  }

  private List<String> ids(Catalog of) {
    return of.images().stream().map(i -> i.id().hex().substring(0, 1)).sorted().toList();
  }

  @Test
  void aPowerCutTakesOnlyWhatWasNotOnDisk() throws Exception {
    catalog.put(image('a', null, name("1")));
    String before = list();
    catalog.put(image('b', "boot", name("1"), name("2")));
    assertThat(list()).isEqualTo(before); // it is not touched before the disk has the image
    assertThat(ids(Catalog.open(temp, "boot"))).containsExactly("a", "b");
    assertThat(Catalog.open(temp, "boot").find("app:1").orElseThrow().id().hex()).startsWith("b");
    Files.write(temp.resolve("images.new.json"), new byte[0]);
    Catalog after = Catalog.open(temp, "boot");
    assertThat(ids(after)).containsExactly("a");
    assertThat(after.find("app:1")).isPresent();
    assertThat(after.isComplete()).isTrue();
  }

  @Test
  void whatAPowerCutTakesGivesItsNameBack() throws Exception {
    catalog.put(image('a', null, name("latest")));
    catalog.put(image('b', "boot", name("latest")));
    assertThat(catalog.find("app:latest").orElseThrow().id().hex()).startsWith("b");
    Catalog after = Catalog.open(temp, "next boot");
    assertThat(after.find("app:latest").orElseThrow().id().hex()).startsWith("a");
    assertThat(after.lost()).extracting(i -> i.id().hex().charAt(0)).containsExactly('b');
    after.forgetLost();
    assertThat(list()).contains(name("latest")).doesNotContain("bbbb");
    assertThat(Catalog.open(temp, "next boot").lost()).isEmpty();
  }

  @Test
  void movesAnImageToTheListWhenTheDiskHasIt() throws Exception {
    StoredImage image = image('b', "boot", name("2"));
    catalog.put(image);
    assertThat(temp.resolve("images.json")).doesNotExist();
    catalog.put(image.synced());
    assertThat(list()).contains(image.id().toString()).doesNotContain("unsyncedBoot");
    assertThat(Files.readString(temp.resolve("images.new.json"))).doesNotContain("bbbb");
    catalog.put(image);
    assertThat(list()).doesNotContain("bbbb");
    assertThat(ids(Catalog.open(temp, "boot"))).containsExactly("b");
    catalog.remove(image.id());
    assertThat(ids(Catalog.open(temp, "boot"))).isEmpty();
  }

  @Test
  void knowsWhatTheDiskHasThoughTheCopyFailed() throws Exception {
    catalog.put(image('a', null, name("1")));
    Path copy = temp.resolve("images.copy.json");
    Path obstacle = temp.resolve(".images.copy.json." + Thread.currentThread().threadId() + ".tmp");
    Files.createDirectory(obstacle);
    Files.writeString(obstacle.resolve("x"), "x");
    catalog.put(image('b', null, name("2")));
    assertThat(ids(catalog)).containsExactly("a", "b");
    assertThat(ids(Catalog.open(temp, "boot"))).containsExactly("a", "b");
    assertThat(Files.readString(copy)).doesNotContain("bbbb");
    Files.delete(obstacle.resolve("x"));
    Files.delete(obstacle);
    catalog.put(image('c', null, name("3")));
    assertThat(Files.readString(copy)).contains("bbbb").contains("cccc");
  }

  @Test
  void changesNothingWhereTheListCannotBeWritten() throws Exception {
    catalog.put(image('a', null, name("1")));
    Path obstacle = temp.resolve(".images.json." + Thread.currentThread().threadId() + ".tmp");
    Files.createDirectory(obstacle);
    Files.writeString(obstacle.resolve("x"), "x");
    assertThatThrownBy(() -> catalog.remove(image('a', null).id()))
        .isInstanceOf(RuntimeException.class);
    assertThat(ids(catalog)).containsExactly("a");
    assertThat(Optional.of(ids(Catalog.open(temp, "boot")))).contains(List.of("a"));
    Files.delete(obstacle.resolve("x"));
    Files.delete(obstacle);
  }

  private static StoredImage layered(int number, int layers, int times) {
    List<StoredImage.Layer> all = new ArrayList<>();
    for (int i = 0; i < layers * times; i++) {
      String hex = "%032x%032x".formatted(number, i % layers);
      all.add(new StoredImage.Layer(Digest.parse("sha256:" + hex), hex, 3));
    }
    Digest id = Digest.parse("sha256:" + "%064x".formatted(number));
    return new StoredImage(
        id, new Descriptor("m", id, 1), List.of(), List.of(), List.of(id), all, null, null);
  }

  @Test
  void whenAPersonNamedAnImageIsKept() throws Exception {
    Instant at = Instant.parse("2026-01-02T03:04:05.678Z");
    StoredImage image = layered(1, 1, 1);
    catalog.put(image.tagged(name("mine"), at));
    Catalog later = Catalog.open(temp, "boot");
    assertThat(later.find("app:mine").orElseThrow().taggedAt()).isEqualTo(at);
    later.put(later.find("app:mine").orElseThrow().withReference(name("pulled"), null));
    assertThat(later.find("app:pulled").orElseThrow().taggedAt()).isEqualTo(at);
  }

  @Test
  void aLayerThatComesTwoThousandTimesIsKeptOnce() throws Exception {
    StoredImage image = layered(1, 2, 1000);
    assertThat(image.layers()).hasSize(2);
    assertThat(image.sizeBytes()).isEqualTo(6);
    catalog.put(image);
    assertThat(list()).hasSizeLessThan(2000);
    assertThat(Catalog.open(temp, "boot").images()).containsExactly(image);
  }

  @Test
  void anImageThatTheListHasNoMemoryForIsRefused() {
    Catalog small = catalog.limited(1 << 20);
    int images = 0;
    while (hasRoom(small, images, 500)) {
      small.put(layered(images++, 500, 1));
    }
    assertThat(images).isBetween(4, 6);
    small.requireRoom(layered(0, 500, 1).id(), 500); // it is there already
    small.remove(layered(0, 500, 1).id());
    assertThat(hasRoom(small, images, 500)).isTrue();
  }

  private static boolean hasRoom(Catalog in, int number, int layers) {
    try {
      in.requireRoom(layered(number, layers, 1).id(), layers);
      return true;
    } catch (JcomposeException.Unavailable e) {
      assertThat(e).hasMessageContaining("list of the engine's").hasMessageContaining("prune");
      return false;
    }
  }
}
