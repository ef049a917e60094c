package io.jcompose.images;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.Images.ImageView;
import io.jcompose.core.Progress;
import io.jcompose.images.registry.RegistryConfig;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A store and a registry for tests, and a look at what is left in the end. */
abstract class StoreUnderTest {
  @TempDir Path temp;
  FaultyRegistry registry;
  ImageStore store;
  final List<String> users = new ArrayList<>();

  @BeforeEach
  void open() throws Exception {
    registry = new FaultyRegistry();
    open(config(Map.of()));
  }

  @AfterEach
  void nothingUnfinishedIsLeft() throws Exception {
    store.close();
    registry.close();
    assertThat(names("snapshots")).noneMatch(name -> name.startsWith("."));
    assertThat(names("ingest")).noneMatch(name -> name.startsWith("."));
  }

  RegistryConfig config(Map<String, List<URI>> mirrors) {
    return new RegistryConfig(
        mirrors, List.of(), List.of(), temp.resolve("none.json"), key -> null);
  }

  void open(RegistryConfig config) {
    store =
        ImageStore.open(temp.resolve("images"), temp.resolve("containers"), config, id -> users);
  }

  void reopen() {
    store.close();
    open(config(Map.of()));
  }

  /** Opens the store with mirrors of the registry, in order. */
  void mirrored(FaultyRegistry... mirrors) {
    store.close();
    List<URI> urls =
        Arrays.stream(mirrors).map(mirror -> URI.create("http://" + mirror.host())).toList();
    open(config(Map.of(registry.host(), urls)));
  }

  ImageView pull(String name) {
    return store.pull(registry.host() + "/" + name, "", Progress.NONE);
  }

  List<String> names(String folder) throws IOException {
    try (Stream<Path> files = Files.list(temp.resolve("images").resolve(folder))) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  static byte[] noise(int seed, int size) {
    byte[] noise = new byte[size];
    new Random(seed).nextBytes(noise);
    return noise;
  }

  static byte[] tar(String name, byte[] content) throws IOException {
    return FaultyRegistry.tar(Map.of(name, content));
  }
}
