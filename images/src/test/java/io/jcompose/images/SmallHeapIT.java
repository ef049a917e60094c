package io.jcompose.images;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.Digest;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Progress;
import io.jcompose.images.archive.TarWriter;
import io.jcompose.images.layer.TarEntry;
import io.jcompose.images.registry.RegistryConfig;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Images that were made to end the engine, all pulled at once by a process with less heap than it
 * has: each is refused or stored, and the process is there in the end.
 */
class SmallHeapIT {
  private static final String HEAP = "-Xmx48m";
  private static final long LIMIT_SECONDS = 300;
  @TempDir Path temp;

  @Test
  void noImageEndsTheEngine() throws Exception {
    try (FaultyRegistry registry = new FaultyRegistry()) {
      layer(registry, "headers", SmallHeapIT::manyHeaders);
      layer(registry, "directories", SmallHeapIT::manyDirectories);
      layer(registry, "implied", SmallHeapIT::manyImplied);
      layer(registry, "attributes", SmallHeapIT::manyAttributes);
      layer(registry, "levels", SmallHeapIT::manyLevels);
      manifest(registry, "arrays", "{\"schemaVersion\":2,\"manifests\":[" + "[],".repeat(1 << 20));
      manifest(registry, "objects", "[" + "{\"a\":{}},".repeat(400_000) + "1]");
      manifest(registry, "deep", "[".repeat(4_000_000));
      manifest(registry, "long", "[\"" + "é".repeat(2_000_000) + "\"]");
      config(registry, "config", ",\"x\":[" + "[],".repeat(1 << 20) + "1]");
      config(registry, "texts", ",\"x\":\"" + "x".repeat(4_000_000) + "\"");
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin/java").toString());
      command.addAll(List.of(HEAP, "-Xss256k", "-XX:+UseSerialGC", "-XX:+ExitOnOutOfMemoryError"));
      command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-cp", classPath()));
      command.addAll(List.of(Puller.class.getName(), temp.toString()));
      for (String name : names(registry)) {
        command.add(registry.host() + "/" + name + ":1");
      }
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(temp.resolve("output").toFile())
              .start();
      try {
        assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
      } finally {
        process.destroyForcibly();
      }
      String output = Files.readString(temp.resolve("output"));
      assertThat(output).contains("all are through").doesNotContain("OutOfMemory");
      assertThat(output)
          .contains("/directories:1 0", "/implied:1 0", "/attributes:1 0")
          .contains("extended headers of more than", "manifest has too many values")
          .contains("directory of 17 levels and 4");
      assertThat(process.exitValue()).as(output).isZero();
    }
  }

  private static List<String> names(FaultyRegistry registry) {
    return registry.contents.keySet().stream()
        .filter(path -> path.endsWith("/manifests/1"))
        .map(path -> path.split("/")[2])
        .sorted()
        .toList();
  }

  private static String classPath() {
    return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
  }

  /** What runs in the process. */
  static final class Puller {
    private Puller() {}

    public static void main(String[] args) throws Exception {
      Path temp = Path.of(args[0]);
      RegistryConfig config =
          new RegistryConfig(
              Map.of(), List.of(), List.of(), temp.resolve("none.json"), key -> null);
      try (ImageStore store =
          ImageStore.open(
              temp.resolve("images"), temp.resolve("containers"), config, id -> List.of())) {
        List<Thread> threads = new ArrayList<>();
        for (int i = 1; i < args.length; i++) {
          String name = args[i];
          threads.add(Thread.startVirtualThread(() -> pull(store, name)));
        }
        for (Thread thread : threads) {
          thread.join();
        }
        store.list();
      }
      System.out.println("all are through");
    }

    private static void pull(ImageStore store, String name) {
      try {
        System.out.println(name + " " + store.pull(name, "", Progress.NONE).sizeBytes());
      } catch (JcomposeException e) {
        System.out.println(name + " " + e.getMessage());
      }
    }
  }

  /** Writes a tar. */
  private interface Content {
    void write(TarWriter tar) throws IOException;
  }

  private static void layer(FaultyRegistry registry, String name, Content content)
      throws Exception {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    MessageDigest plain = MessageDigest.getInstance("SHA-256");
    try (OutputStream out = new DigestOutputStream(new GZIPOutputStream(packed), plain)) {
      TarWriter tar = new TarWriter(out);
      content.write(tar);
      tar.finish();
    }
    byte[] blob = packed.toByteArray();
    byte[] config =
        ("{\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\""
                + Digest.sha256(plain.digest())
                + "\"]}}")
            .getBytes(StandardCharsets.UTF_8);
    image(registry, name, config, blob);
  }

  private static void config(FaultyRegistry registry, String name, String rest) throws Exception {
    String config = "{\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}" + rest + "}";
    image(registry, name, config.getBytes(StandardCharsets.UTF_8));
  }

  private static void image(FaultyRegistry registry, String name, byte[] config, byte[]... blobs)
      throws Exception {
    List<String> layers = new ArrayList<>();
    for (byte[] blob : blobs) {
      layers.add(FaultyRegistry.descriptor("x", blob));
      registry.contents.put("/v2/" + name + "/blobs/" + FaultyRegistry.digest(blob), blob);
    }
    registry.contents.put("/v2/" + name + "/blobs/" + FaultyRegistry.digest(config), config);
    manifest(
        registry,
        name,
        "{\"schemaVersion\":2,\"config\":"
            + FaultyRegistry.descriptor("x", config)
            + ",\"layers\":["
            + String.join(",", layers)
            + "]}");
  }

  private static void manifest(FaultyRegistry registry, String name, String text) throws Exception {
    registry.manifest(name, "1", text.getBytes(StandardCharsets.UTF_8));
  }

  private static void manyHeaders(TarWriter tar) throws IOException {
    byte[] record =
        ("1000009 comment=" + "x".repeat(1_000_009 - 17) + "\n")
            .getBytes(StandardCharsets.US_ASCII);
    for (int i = 0; i < 100; i++) {
      tar.entry(entry("h", 'x', record.length, Map.of()));
      tar.write(record, 0, record.length);
      tar.endEntry();
    }
    tar.entry(entry("f", '0', 0, Map.of()));
  }

  private static void manyAttributes(TarWriter tar) throws IOException {
    for (int i = 0; i < 1500; i++) {
      Map<String, byte[]> xattrs = new HashMap<>();
      xattrs.put("trusted.overlay.x", new byte[60_000]);
      tar.entry(entry("d" + i, '5', 0, xattrs));
    }
  }

  private static void manyDirectories(TarWriter tar) throws IOException {
    String long1 = "x".repeat(250) + "/";
    for (int i = 0; i < 15; i++) {
      tar.entry(entry(long1.repeat(i + 1), '5', 0, Map.of()));
    }
    for (int i = 0; i < 20_000; i++) {
      tar.entry(entry(long1.repeat(15) + i + "/", '5', 0, Map.of()));
    }
  }

  /** Each link leads to where the way through the last one ends. */
  private static void manyLevels(TarWriter tar) throws IOException {
    String way = ("x".repeat(250) + "/").repeat(15);
    String at = way;
    for (int link = 0; link < 38; link++) {
      tar.entry(entry(at, '5', 0, Map.of()));
      tar.entry(new TarEntry("l" + link, '2', 0777, 0, 0, 0, 0, 0, at, 0, 0, Map.of()));
      at = "l" + link + "/" + way;
    }
  }

  private static void manyImplied(TarWriter tar) throws IOException {
    String deep = ("y".repeat(250) + "/").repeat(15);
    for (int i = 0; i < 20_000; i++) {
      tar.entry(entry(deep + i + "/f", '0', 0, Map.of()));
    }
  }

  private static TarEntry entry(String name, char type, long size, Map<String, byte[]> xattrs) {
    return new TarEntry(name, type, 0755, 0, 0, size, 0, 0, "", 0, 0, xattrs);
  }
}
