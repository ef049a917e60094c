package io.jcompose.images;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.Digest;
import io.jcompose.images.oci.Descriptor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StepResultsTest {
  private static final String BOOT = "this-boot";
  private static final Instant THEN = Instant.parse("2026-01-01T00:00:00Z");

  @TempDir Path folder;

  private static BuildLayer layer(String name) {
    Digest digest = Digest.parse("sha256:" + name.repeat(64));
    return new BuildLayer(digest, digest.hex(), 7, new Descriptor("application/x", digest, 3));
  }

  private StepResults opened(String boot) {
    return new StepResults(folder, boot);
  }

  @Test
  void anotherEngineKnowsWhatThisOneMade() {
    Instant _ = opened(BOOT).put("one", layer("a"), "RUN a", THEN);
    assertThat(opened(BOOT).find("one")).contains(new BuildLayer.Known(layer("a"), THEN));
    assertThat(opened(BOOT).find("two")).isEmpty();
  }

  @Test
  void afterAnotherBootOnlyWhatTheDiskHadCounts() {
    StepResults results = opened(BOOT);
    Instant _ = results.put("synced", layer("a"), "RUN a", THEN);
    results.synced(results.last());
    Instant _ = results.put("late", layer("b"), "RUN b", THEN);
    assertThat(opened("next-boot").find("synced")).isPresent();
    assertThat(opened("next-boot").find("late")).isEmpty();
  }

  @Test
  void aTornLineCostsItsOwnStepAlone() throws IOException {
    StepResults first = opened(BOOT);
    Instant _ = first.put("whole", layer("a"), "RUN a", THEN);
    Instant _ = first.put("torn", layer("b"), "RUN b", THEN);
    Path file = folder.resolve("steps.jsonl");
    byte[] all = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(all, all.length - 20));
    Instant _ = opened(BOOT).put("next", layer("c"), "RUN c", THEN);
    StepResults last = opened(BOOT);
    assertThat(last.find("whole")).isPresent();
    assertThat(last.find("torn")).isEmpty();
    assertThat(last.find("next")).isPresent();
  }
}
