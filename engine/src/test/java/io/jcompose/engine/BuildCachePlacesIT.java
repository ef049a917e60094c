package io.jcompose.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.Progress;
import io.jcompose.core.build.BuildSpec;
import io.jcompose.core.build.Builds;
import io.jcompose.core.build.CachePlace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Results of steps that come from folders, and go there; images with results in them. */
@Timeout(120)
class BuildCachePlacesIT {
  @RegisterExtension static final EngineFixture host = new EngineFixture();

  private static final String DOCKERFILE =
      """
      FROM BASE AS made
      COPY a /a
      RUN cat /a /proc/sys/kernel/random/uuid >/made
      FROM BASE
      COPY --from=made /made /made
      RUN cat /proc/sys/kernel/random/uuid >/own
      """;

  @TempDir Path root;
  private final List<Progress.Step> steps = Collections.synchronizedList(new ArrayList<>());

  private BuildSpec spec(String folder, List<String> from, List<String> to) throws IOException {
    return spec(folder, DOCKERFILE, from, to);
  }

  private BuildSpec spec(String folder, String dockerfile, List<String> from, List<String> to)
      throws IOException {
    Path context = Files.createDirectories(root.resolve(folder));
    Files.writeString(context.resolve("Dockerfile"), dockerfile.replace("BASE", host.image));
    Files.writeString(context.resolve("a"), "1");
    BuildSpec.Cache cache =
        BuildSpec.Cache.DEFAULT
            .with()
            .from(from.stream().map(text -> CachePlace.from(text, root)).toList())
            .to(to.stream().map(text -> CachePlace.to(text, root)).toList())
            .build();
    return BuildSpec.of("web", context).with().cache(cache).build();
  }

  private Builds.Built build(BuildSpec spec) {
    steps.clear();
    return host.engine().builds().build(List.of(spec), steps::add).getFirst();
  }

  private List<String> warnings() {
    return steps.stream()
        .filter(step -> step.status().equals("Warning"))
        .map(Progress.Step::text)
        .toList();
  }

  /** As another host, where nothing of it was built. */
  private void forget(String id) {
    host.engine().images().remove(id, true);
    Builds.Prune all = Builds.Prune.ALL;
    assertThat(host.engine().builds().prune(all).removed()).isNotEmpty();
  }

  @Test
  void anotherHostTakesAllStepsFromAFolder() throws Exception {
    String id = build(spec("one", List.of(), List.of("type=local,dest=c,mode=max"))).imageId();
    assertThat(root.resolve("c/oci-layout")).isRegularFile();
    forget(id);
    BuildSpec second = spec("two", List.of("type=local,src=c"), List.of());
    Files.setLastModifiedTime(root.resolve("two/a"), FileTime.fromMillis(1_700_000_000_000L));
    Builds.Built taken = build(second);
    assertThat(taken).isEqualTo(new Builds.Built(id, true)); // the random numbers, too
    assertThat(warnings()).isEmpty();
    assertThat(host.engine().images().find(id)).isPresent();
    Files.delete(root.resolve("c/index.json"));
    assertThat(build(second)).isEqualTo(taken); // it is kept, for who names the place
    assertThat(warnings()).singleElement().asString().contains("importing from", "index.json");
  }

  @Test
  void aPlaceIsBelievedForWhatItSaysNow() throws Exception {
    List<String> to = List.of("type=local,dest=c,mode=max");
    List<String> from = List.of("type=local,src=c");
    String bad = build(spec("one", List.of(), to)).imageId();
    forget(bad);
    assertThat(build(spec("one", from, List.of())).imageId()).isEqualTo(bad);
    String good = build(spec("one", List.of(), to)).imageId(); // carried out anew
    assertThat(good).isNotEqualTo(bad);
    forget(good); // and what was taken is kept by the image that was made of it
    assertThat(build(spec("one", from, List.of())).imageId()).isEqualTo(good);
  }

  /** What somebody else says that a step gives is for those alone who ask him. */
  @Test
  void whatWasTakenIsNoResultOfThisEngine() throws Exception {
    String id = build(spec("one", List.of(), List.of("type=local,dest=c,mode=max"))).imageId();
    forget(id);
    assertThat(build(spec("one", List.of("type=local,src=c"), List.of())).imageId()).isEqualTo(id);
    Builds.Built own = build(spec("one", List.of(), List.of()));
    assertThat(own.cached()).isFalse();
    assertThat(own.imageId()).isNotEqualTo(id);
  }

  @Test
  void theLeastIsWhatTheImageHas() throws Exception {
    String id = build(spec("one", List.of(), List.of("type=local,dest=c"))).imageId();
    forget(id);
    Builds.Built taken = build(spec("one", List.of("type=local,src=c"), List.of()));
    assertThat(taken.cached()).isFalse(); // the first stage is not in it, and random
    assertThat(steps.stream().filter(step -> step.status().equals("Done")).map(Progress.Step::id))
        .anyMatch(row -> row.contains("made 3/3"));
  }

  @Test
  void aDamagedOrForeignCacheIsAWarning() throws Exception {
    String id = build(spec("one", List.of(), List.of("type=local,dest=c,mode=max"))).imageId();
    forget(id);
    EngineFixture.shell("cd " + root + "/c/blobs/sha256; for f in *; do echo x >>$f; done");
    Builds.Built own = build(spec("one", List.of("type=local,src=c"), List.of()));
    assertThat(own.imageId()).isNotEqualTo(id);
    assertThat(warnings()).singleElement().asString().contains("is not what its digest says");
    Files.createDirectories(root.resolve("none"));
    assertThat(build(spec("one", List.of("type=local,src=none"), List.of())).cached()).isTrue();
    assertThat(warnings()).singleElement().asString().contains("cannot read");
  }

  @Test
  void anExportThatFailsIsAnErrorUnlessItIsToBeIgnored() throws Exception {
    Files.writeString(root.resolve("file"), "");
    BuildSpec strict = spec("one", List.of(), List.of("type=local,dest=file"));
    assertThatThrownBy(() -> build(strict)).isInstanceOf(RuntimeException.class);
    build(spec("one", List.of(), List.of("type=local,dest=file,ignore-error=true")));
    assertThat(warnings()).singleElement().asString().contains("exporting to");
  }

  /** Links in the folder lead nowhere. */
  @Test
  void nothingOutsideOfTheFolderIsWritten() throws Exception {
    Path victim = Files.writeString(root.resolve("victim"), "mine");
    Path cache = Files.createDirectories(root.resolve("c"));
    Files.createSymbolicLink(cache.resolve("index.json"), victim);
    Files.createSymbolicLink(cache.resolve("blobs"), root);
    build(spec("one", List.of(), List.of("type=local,dest=c")));
    assertThat(victim).hasContent("mine");
    assertThat(root.resolve("sha256")).doesNotExist();
    assertThat(cache.resolve("blobs/sha256")).isDirectory();
  }

  @Test
  void anImageBringsItsOwnResults() throws Exception {
    String id = build(spec("one", List.of(), List.of("type=inline"))).imageId();
    assertThat(host.engine().images().details(id).orElseThrow().config())
        .contains("io.jcompose.cache.v1");
    String on = build(spec("two", "FROM " + id + "\nENV A=b\n", List.of(), List.of())).imageId();
    assertThat(host.engine().images().details(on).orElseThrow().config())
        .doesNotContain("io.jcompose.cache.v1");
    assertThat(build(spec("one", List.of(), List.of())).cached()).isTrue();
  }

  @Test
  void aCacheThatIsNowhereIsAWarning() throws Exception {
    BuildSpec spec = spec("one", List.of("127.0.0.1:1/none"), List.of());
    assertThat(build(spec).imageId()).startsWith("sha256:");
    assertThat(warnings()).singleElement().asString().contains("127.0.0.1:1/none");
    assertThatThrownBy(
            () -> build(spec("one", List.of(), List.of("type=registry,ref=127.0.0.1:1/none"))))
        .isInstanceOf(JcomposeException.class);
  }
}
