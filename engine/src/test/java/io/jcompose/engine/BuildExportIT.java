package io.jcompose.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.Images.Export;
import io.jcompose.core.Progress;
import io.jcompose.core.build.BuildSpec;
import io.jcompose.core.build.Builds;
import io.jcompose.core.build.Packing;
import io.jcompose.core.build.Packing.Compression;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What leaves the host of a build, and what another host makes of the same. */
@Timeout(120)
class BuildExportIT {
  @RegisterExtension static final EngineFixture host = new EngineFixture();

  private static final long DISK = 256 << 20;
  private static final Packing GZIP = Packing.DEFAULT;

  @TempDir Path root;

  private BuildSpec spec(EngineFixture engine, String folder, String dockerfile)
      throws IOException {
    Path context = Files.createDirectories(root.resolve(folder));
    Files.writeString(context.resolve("Dockerfile"), dockerfile.replace("BASE", engine.image));
    Files.writeString(context.resolve("a"), "1");
    return BuildSpec.of("web", context);
  }

  private static String built(EngineFixture engine, BuildSpec spec) {
    return engine.engine().builds().build(List.of(spec), Progress.NONE).getFirst().imageId();
  }

  private static byte[] exported(EngineFixture engine, String id, Packing packing)
      throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    engine.engine().images().export(new Export(id, List.of("made:1"), packing, true), out);
    return out.toByteArray();
  }

  private static String text(byte[] archive) {
    return new String(archive, StandardCharsets.ISO_8859_1);
  }

  private static BuildSpec asOf(BuildSpec spec, String seconds) {
    return spec.with()
        .args(Map.of("SOURCE_DATE_EPOCH", seconds))
        .output(new BuildSpec.Output(Map.of(), true))
        .build();
  }

  /** Files get new times at each build, and folders are read in each file system's own order. */
  @Test
  void twoHostsGiveOneDigest() throws Exception {
    String dockerfile =
        """
        FROM BASE
        WORKDIR /w
        COPY a /w/
        RUN mkdir d && for i in $(seq 300); do echo $i >d/$i; done; ln -s d l; date >/dev/null
        RUN touch -d '2001-01-01 00:00:00' old
        """;
    String one;
    try (EngineFixture engine = EngineFixture.onDisk(DISK)) {
      one = config(engine, built(engine, asOf(spec(engine, "one", dockerfile), "1500000000")));
    }
    BuildSpec second = asOf(spec(host, "two", dockerfile), "1500000000");
    Files.setLastModifiedTime(root.resolve("two/a"), FileTime.fromMillis(1_700_000_000_000L));
    String two = built(host, second);
    assertThat(config(host, two)).isEqualTo(one);
    String times = in(host, two, "cd /w; stat -c %Y a d d/7 old .; stat -c %Y l");
    assertThat(times.lines().distinct().sorted()).containsExactly("1500000000", "978307200");
    String later = built(host, asOf(spec(host, "one", dockerfile), "1500000001"));
    assertThat(later).isNotEqualTo(two);
    BuildSpec without =
        spec(host, "one", dockerfile).with().output(asOf(second, "1").output()).build();
    assertThatThrownBy(() -> built(host, without)).hasMessageContaining("SOURCE_DATE_EPOCH");
  }

  /** All but the base's layer, which is each engine's own here. */
  private static String config(EngineFixture engine, String id) {
    String config = engine.engine().images().details(id).orElseThrow().config();
    return config.replaceFirst("sha256:[0-9a-f]{64}", "the base's");
  }

  private static String in(EngineFixture engine, String image, String script) {
    String id = engine.run(new TestSpec("try", image).sh(script));
    String log = engine.log(id);
    engine.containers().remove(id, true, true);
    return log;
  }

  @Test
  void layersArePackedAsIsAsked() throws Exception {
    String id = built(host, spec(host, "packed", "FROM BASE\nRUN echo made >/made\nCOPY a /a\n"));
    byte[] usual = exported(host, id, GZIP);
    assertThat(text(usual)).contains("layer.v1.tar+gzip").doesNotContain("tar+zstd");
    byte[] zstd = exported(host, id, new Packing(Compression.ZSTD, 9, true, false));
    assertThat(text(zstd)).contains("layer.v1.tar+zstd").doesNotContain("tar+gzip");
    byte[] built = exported(host, id, new Packing(Compression.ZSTD, -1, false, false));
    assertThat(text(built)).contains("layer.v1.tar+zstd");
    byte[] plain = exported(host, id, new Packing(Compression.UNCOMPRESSED, -1, true, false));
    assertThat(text(plain)).doesNotContain("tar+gzip", "tar+zstd");
    String blobs = "cd " + host.root + "/state/images/blobs/sha256; ls | wc -l";
    String before = EngineFixture.shell(blobs);
    exported(host, id, new Packing(Compression.UNCOMPRESSED, -1, true, false));
    assertThat(EngineFixture.shell(blobs)).isEqualTo(before); // as large as the files
    byte[] dockers = exported(host, id, new Packing(Compression.GZIP, 9, true, true));
    assertThat(text(dockers))
        .contains(
            "vnd.docker.distribution.manifest.v2+json",
            "vnd.docker.container.image.v1+json",
            "vnd.docker.image.rootfs.diff.tar.gzip")
        .doesNotContain("vnd.oci.image.layer");
    assertThat(Arrays.equals(exported(host, id, GZIP), usual)).isTrue(); // the others are not kept
    for (byte[] archive : List.of(usual, zstd, built, plain, dockers)) {
      host.engine().images().remove(id, true);
      host.engine().builds().prune(Builds.Prune.ALL);
      assertThat(host.engine().images().load(new ByteArrayInputStream(archive)))
          .singleElement()
          .satisfies(loaded -> assertThat(loaded.id()).isEqualTo(id));
      assertThat(in(host, id, "cat /made /a")).isEqualTo("made\n1");
    }
  }

  @Test
  void anImageIsExportedByItsIdAndAnnotated() throws Exception {
    BuildSpec spec = spec(host, "noted", "FROM BASE\nRUN echo noted >/made\n");
    BuildSpec noted =
        spec.with()
            .tags(List.of("made:1"))
            .output(new BuildSpec.Output(Map.of("org.example.note", "of mine"), false))
            .build();
    String id = built(host, noted);
    assertThat(text(exported(host, id, GZIP)))
        .contains("\"org.example.note\":\"of mine\"", "docker.io/library/made:1");
    String next =
        built(
            host,
            spec(host, "next", "FROM BASE\nRUN true\n").with().tags(List.of("made:1")).build());
    assertThat(next).isNotEqualTo(id);
    assertThat(text(exported(host, id, GZIP))).contains("of mine");
    assertThat(built(host, spec)).isEqualTo(id);
    assertThat(text(exported(host, id, GZIP))).doesNotContain("of mine");
  }
}
