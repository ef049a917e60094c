package io.jcompose.images;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.ZstdOutputStream;
import io.jcompose.core.Images.Import;
import io.jcompose.core.Images.Loaded;
import io.jcompose.core.JcomposeException;
import io.jcompose.images.archive.TarWriter;
import io.jcompose.images.layer.TarEntry;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageArchivesIT extends StoreUnderTest {
  private static final String IMAGE_TYPE = "application/vnd.oci.image.manifest.v1+json";
  private static final String NAMED =
      ",\"annotations\":{\"io.containerd.image.name\":\"docker.io/library/app:1\"}}";

  private byte[] base;
  private byte[] top;

  @BeforeEach
  void add() throws Exception {
    base = tar("a", noise(1, 50_000));
    top = tar("b", noise(2, 90_000));
    registry.image("app", "1", "amd64", base, top);
  }

  private byte[] saved(String... words) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    store.save(List.of(words), out);
    return out.toByteArray();
  }

  private List<Loaded> load(byte[] archive) {
    return store.load(new ByteArrayInputStream(archive));
  }

  private static Map<String, byte[]> entries(byte[] archive) throws IOException {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    try (TarArchiveInputStream in =
        new TarArchiveInputStream(new ByteArrayInputStream(archive), ISO_8859_1.name())) {
      for (TarArchiveEntry e = in.getNextEntry(); e != null; e = in.getNextEntry()) {
        entries.put(e.getName(), in.readAllBytes());
      }
    }
    return entries;
  }

  /** Entries in order; a content of {@code -> x} is a symbolic link. */
  private static byte[] archive(Map<String, byte[]> entries) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream out = new TarArchiveOutputStream(bytes, ISO_8859_1.name())) {
      out.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
      for (Map.Entry<String, byte[]> one : entries.entrySet()) {
        String text = new String(one.getValue(), ISO_8859_1);
        boolean link = text.startsWith("-> ");
        TarArchiveEntry entry =
            link
                ? new TarArchiveEntry(one.getKey(), TarConstants.LF_SYMLINK)
                : new TarArchiveEntry(one.getKey(), true);
        entry.setSize(link ? 0 : one.getValue().length);
        entry.setLinkName(link ? text.substring(3) : "");
        out.putArchiveEntry(entry);
        out.write(one.getValue(), 0, link ? 0 : one.getValue().length);
        out.closeArchiveEntry();
      }
    }
    return bytes.toByteArray();
  }

  private static byte[] compressed(String kind, byte[] data) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream out =
        switch (kind) {
          case "gzip" -> new GZIPOutputStream(bytes);
          case "bzip2" -> new BZip2CompressorOutputStream(bytes);
          case "xz" -> new XZCompressorOutputStream(bytes);
          case "zstd" -> new ZstdOutputStream(bytes);
          default -> bytes;
        }) {
      out.write(data);
    }
    return bytes.toByteArray();
  }

  private byte[] config() throws Exception {
    return ("{\"os\":\"linux\",\"architecture\":\"amd64\",\"config\":{\"Cmd\":[\"sh\"]},"
            + "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"%s\",\"%s\"]}}"
                .formatted(FaultyRegistry.digest(base), FaultyRegistry.digest(top)))
        .getBytes(UTF_8);
  }

  /** What docker wrote before its archives were image layouts: layers first, plain. */
  private Map<String, byte[]> old() throws Exception {
    byte[] config = config();
    String name = FaultyRegistry.digest(config).hex() + ".json";
    Map<String, byte[]> entries = new LinkedHashMap<>();
    entries.put("1234/", new byte[0]);
    entries.put("1234/VERSION", "1.0".getBytes(UTF_8));
    entries.put("1234/layer.tar", base);
    entries.put("layers/top.tar", top);
    entries.put("5678/layer.tar", "-> ../layers/top.tar".getBytes(UTF_8));
    entries.put(name, config);
    String item =
        "[{\"Config\":\"%s\",\"RepoTags\":[\"app:1\",\"host:5000/app:2\"],\"Layers\":[\"1234/layer.tar\",\"5678/layer.tar\"]}]"
            .formatted(name);
    entries.put("manifest.json", item.getBytes(UTF_8));
    return entries;
  }

  private List<String> blobs() throws IOException {
    return names("blobs/sha256").stream().sorted().toList();
  }

  @Test
  void whatWasSavedIsLoadedAsItWas() throws Exception {
    String id = pull("app:1").id();
    store.tag(id, "two:1");
    store.tag(id, "two:2");
    byte[] archive = saved("two", id.substring(7, 20));
    assertThat(saved("two", id.substring(7, 20))).isEqualTo(archive);
    String digest = pull("app:1").repoDigests().getFirst().replaceFirst(".*@", "");
    store.remove(id, true);
    assertThat(blobs()).isEmpty();

    assertThat(load(archive)).containsExactly(new Loaded("two:1", id), new Loaded("two:2", id));
    assertThat(blobs()).contains(digest.substring(7));
    assertThat(store.layers(id))
        .extracting(layer -> Files.exists(layer.resolve("a")) || Files.exists(layer.resolve("b")))
        .containsExactly(true, true);
    assertThat(saved("two")).isEqualTo(archive);
  }

  @Test
  void anArchiveIsAnImageLayoutAndWhatDockerLoads() throws Exception {
    String id = pull("app:1").id();
    store.tag(id, "two:1");
    Map<String, byte[]> entries = entries(saved("two:1"));
    assertThat(entries.keySet())
        .containsSequence("blobs/", "blobs/sha256/")
        .endsWith("index.json", "manifest.json", "oci-layout", "repositories");
    assertThat(new String(entries.get("manifest.json"), UTF_8))
        .startsWith(
            "[{\"Config\":\"blobs/sha256/" + id.substring(7) + "\",\"RepoTags\":[\"two:1\"]");
    assertThat(new String(entries.get("index.json"), UTF_8))
        .contains("\"io.containerd.image.name\":\"docker.io/library/two:1\"");
    assertThat(new String(entries.get("repositories"), UTF_8)).startsWith("{\"two\":{\"1\":\"");
    for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
      if (entry.getKey().matches("blobs/sha256/.+")) {
        assertThat(entry.getKey()).endsWith(FaultyRegistry.digest(entry.getValue()).hex());
      }
    }
  }

  @Test
  void whatIsNotThereIsNotSaved() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    pull("app:1");
    assertThatThrownBy(() -> store.save(List.of(registry.host() + "/app:1", "nobody"), out))
        .isInstanceOf(JcomposeException.NotFound.class)
        .hasMessage("No such image: nobody");
    assertThat(out.size()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"plain", "gzip", "bzip2", "xz", "zstd"})
  void loadsDockersOldArchives(String kind) throws Exception {
    String id = FaultyRegistry.digest(config()).toString();
    assertThat(load(compressed(kind, archive(old()))))
        .containsExactly(new Loaded("app:1", id), new Loaded("host:5000/app:2", id));
    assertThat(store.find("app:1").orElseThrow().command()).containsExactly("sh");
    assertThat(blobs()).hasSize(4); // config, manifest, and two layers
    assertThat(entries(saved("app:1"))).hasSize(10);
  }

  @Test
  void loadsTheImageOfThisHostOfALayoutOfSeveral() throws Exception {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    byte[] packed = FaultyRegistry.gzip(top);
    String config = FaultyRegistry.descriptor("x", blob(entries, config()));
    String layers =
        FaultyRegistry.descriptor("application/vnd.oci.image.layer.v1.tar", blob(entries, base))
            + ","
            + FaultyRegistry.descriptor("x+gzip", blob(entries, packed));
    byte[] manifest =
        blob(
            entries,
            "{\"schemaVersion\":2,\"config\":%s,\"layers\":[%s]}"
                .formatted(config, layers)
                .getBytes(UTF_8));
    byte[] absent = "absent".getBytes(UTF_8);
    String both =
        FaultyRegistry.descriptor(IMAGE_TYPE, absent)
                .replace("}", ",\"platform\":{\"os\":\"linux\",\"architecture\":\"s390x\"}}")
            + ","
            + FaultyRegistry.descriptor(IMAGE_TYPE, manifest)
                .replace("}", ",\"platform\":{\"os\":\"linux\",\"architecture\":\"amd64\"}}");
    byte[] index =
        blob(entries, ("{\"schemaVersion\":2,\"manifests\":[" + both + "]}").getBytes(UTF_8));
    String root = FaultyRegistry.descriptor("x", index).replace("}", NAMED);
    entries.put(
        "index.json", ("{\"schemaVersion\":2,\"manifests\":[" + root + "]}").getBytes(UTF_8));
    String id = FaultyRegistry.digest(config()).toString();
    assertThat(load(archive(entries))).containsExactly(new Loaded("app:1", id));
    assertThat(blobs()).hasSize(4);
  }

  private static byte[] blob(Map<String, byte[]> entries, byte[] content) throws Exception {
    entries.put("blobs/sha256/" + FaultyRegistry.digest(content).hex(), content);
    return content;
  }

  @ParameterizedTest
  @ValueSource(strings = {"1234/layer.tar", "layers/top.tar"})
  void refusesAnotherLayerThanTheConfigSays(String layer) throws Exception {
    Map<String, byte[]> entries = old();
    entries.put(layer, tar("c", noise(9, 10_000)));
    assertThatThrownBy(() -> load(archive(entries)))
        .isInstanceOf(JcomposeException.Corrupt.class)
        .hasMessageContaining("does not match its digest");
    assertThat(blobs()).isEmpty();
    assertThat(store.list()).isEmpty();
  }

  @Test
  void refusesABlobThatIsNotWhatItsNameSays() throws Exception {
    store.tag(pull("app:1").id(), "two:1");
    Map<String, byte[]> entries = entries(saved("two:1"));
    entries.replaceAll(
        (name, bytes) -> bytes.length > 10_000 ? Arrays.copyOf(bytes, bytes.length - 1) : bytes);
    store.remove(pull("app:1").id(), true);
    assertThatThrownBy(() -> load(archive(entries)))
        .isInstanceOf(JcomposeException.Corrupt.class)
        .hasMessageContaining("does not match its digest");
    assertThat(blobs()).isEmpty();
  }

  @Test
  void leavesNothingOfAnArchiveThatIsCut() throws Exception {
    byte[] archive = archive(old());
    for (int part : List.of(1, 30, 50, 80)) {
      byte[] cut = Arrays.copyOf(archive, archive.length * part / 100);
      assertThatThrownBy(() -> load(cut)).isInstanceOf(JcomposeException.Corrupt.class);
      byte[] packed = compressed("gzip", archive);
      byte[] cutPacked = Arrays.copyOf(packed, packed.length * part / 100);
      assertThatThrownBy(() -> load(cutPacked)).isInstanceOf(JcomposeException.class);
    }
    assertThat(blobs()).isEmpty();
    assertThat(names("snapshots")).isEmpty();
  }

  @Test
  void writesNothingOutsideOfTheStore() throws Exception {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    entries.put("../../escaped", "x".getBytes(UTF_8));
    entries.put("/tmp/../" + temp.resolve("escaped"), "x".getBytes(UTF_8));
    entries.put("link", ("-> " + temp).getBytes(UTF_8));
    entries.put("link/escaped", "x".getBytes(UTF_8));
    entries.put("round", "-> round".getBytes(UTF_8));
    entries.put("by\u00e4te\u00ff", "x".getBytes(UTF_8));
    entries.putAll(old());
    assertThat(load(archive(entries))).hasSize(2);
    assertThat(temp.resolve("escaped")).doesNotExist();
    assertThat(blobs()).hasSize(4);
    try (var files = Files.list(temp)) {
      assertThat(files.map(Path::getFileName).map(Path::toString))
          .containsExactlyInAnyOrder("images", "containers");
    }
  }

  @Test
  void refusesWhatIsNoArchiveOfImages() throws Exception {
    assertThatThrownBy(() -> load(tar("etc/passwd", new byte[1])))
        .isInstanceOf(JcomposeException.Corrupt.class)
        .hasMessageContaining("a root file system is made an image by `jcompose import`");
    assertThatThrownBy(() -> load(noise(3, 10_000))).isInstanceOf(JcomposeException.Corrupt.class);
    assertThatThrownBy(() -> load(archive(Map.of("x".repeat(5000), new byte[1]))))
        .isInstanceOf(JcomposeException.Corrupt.class)
        .hasMessageContaining("a name of more than 4096 bytes");
    ByteArrayOutputStream large = new ByteArrayOutputStream();
    new TarWriter(large)
        .entry(new TarEntry("x".repeat(3_000_000), '0', 0, 0, 0, 0, 0, 0, "", 0, 0, Map.of()));
    assertThatThrownBy(() -> load(large.toByteArray()))
        .isInstanceOf(JcomposeException.Corrupt.class)
        .hasMessageContaining("bytes of headers");
    assertThat(blobs()).isEmpty();
  }

  @Test
  void refusesAnArchiveOfTooManyEntries() {
    byte[] header = new byte[512];
    try {
      header = Arrays.copyOf(archive(Map.of("x", new byte[0])), 512);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    byte[] one = header;
    InputStream endless =
        new InputStream() {
          private int at;

          @Override
          public int read() {
            return one[at++ % 512] & 0xff;
          }
        };
    assertThatThrownBy(() -> store.load(endless))
        .isInstanceOf(JcomposeException.Corrupt.class)
        .hasMessageContaining("more than 16384 entries");
  }

  @ParameterizedTest
  @ValueSource(strings = {"plain", "gzip", "bzip2", "xz", "zstd"})
  void importsARootFileSystem(String kind) throws Exception {
    String id =
        store.importRoot(
            new ByteArrayInputStream(compressed(kind, base)),
            new Import(
                "root:1", List.of("CMD [\"/a\"]", "ENV X=y"), "Imported from -", "linux/arm64"));
    assertThat(store.find("root:1").orElseThrow())
        .satisfies(
            image -> {
              assertThat(image.id()).isEqualTo(id);
              assertThat(image.command()).containsExactly("/a");
              assertThat(image.env()).containsExactly("X=y");
              assertThat(image.platform()).isEqualTo("linux/arm64");
            });
    assertThat(store.layers(id)).hasSize(1).allMatch(layer -> Files.exists(layer.resolve("a")));
    assertThat(store.details(id).orElseThrow().config())
        .contains("\"comment\":\"Imported from -\"")
        .contains(FaultyRegistry.digest(base).toString());
    assertThat(blobs()).hasSize(3);
  }

  @Test
  void leavesNothingOfWhatIsNotImported() throws Exception {
    List<byte[]> wrong = new ArrayList<>();
    wrong.add(new byte[0]);
    wrong.add(noise(4, 5000));
    wrong.add(Arrays.copyOf(base, base.length / 2));
    wrong.add(Arrays.copyOf(compressed("xz", base), 10_000));
    for (byte[] one : wrong) {
      assertThatThrownBy(
              () ->
                  store.importRoot(
                      new ByteArrayInputStream(one), new Import("", List.of(), "", "")))
          .isInstanceOf(JcomposeException.class)
          .isNotInstanceOf(JcomposeException.Internal.class);
    }
    assertThatThrownBy(
            () ->
                store.importRoot(
                    new ByteArrayInputStream(base), new Import("", List.of("RUN x"), "", "")))
        .isInstanceOf(JcomposeException.InvalidArgument.class);
    assertThat(blobs()).isEmpty();
    assertThat(names("snapshots")).isEmpty();
  }
}
