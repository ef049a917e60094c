package io.jcompose.engine.record;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.ContainerSpec.Lifecycle;
import io.jcompose.core.Ids;
import io.jcompose.engine.TestSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an engine finds of containers that another one kept. */
class ContainerStoreTest {
  @TempDir private Path directory;
  private StoreFixture kept;
  private ContainerStore store;

  @BeforeEach
  void open() {
    kept = new StoreFixture(directory);
    store = kept.store;
  }

  @Test
  void aRunThatAPowerCutDestroyedIsARunWithAnUnknownEnd() throws IOException {
    Container container = kept.container(Lifecycle.DEFAULT);
    container.update(container.record().run().started(Instant.now(), null, 0));
    store.saveRun(container.record());
    for (String left : List.of("", "{\"startedAt\":", "null", "\0\0\0")) {
      Files.writeString(kept.folder(container).resolve("run.json"), left);
      ContainerRecord record = kept.reread(container);
      assertThat(record.spec()).isEqualTo(container.record().spec());
      assertThat(record.run().isOpen()).as("adoption looks for its end").isTrue();
      assertThat(record.startedAt()).as("its policy starts it again").isNotNull();
    }
    try (var files = Files.list(kept.folder(container))) {
      assertThat(files.filter(f -> f.toString().contains("damaged"))).isEmpty();
    }
  }

  @Test
  void aRunThatAnOlderEngineWroteBesideTheRestIsTakenOver() throws IOException {
    Container container = kept.container(Lifecycle.DEFAULT);
    Path record = kept.folder(container).resolve("container.json");
    String run =
        ",\"startedAt\":\"2026-01-01T00:00:00Z\",\"finishedAt\":\"2026-01-01T00:00:09Z\","
            + "\"exitCode\":7,\"oomKilled\":false,\"error\":\"\",\"restartCount\":2,"
            + "\"manuallyStopped\":true,\"restartPause\":\"PT0.4S\"}";
    String json = Files.readString(record);
    Files.writeString(record, json.substring(0, json.length() - 1) + run);
    RunRecord taken = kept.reread(container).run();
    assertThat(taken.exitCode()).isEqualTo(7);
    assertThat(taken.restartCount()).isEqualTo(2);
    assertThat(taken.manuallyStopped()).isTrue();
    assertThat(taken.isOpen()).isFalse();
    store.save(container.record());
    assertThat(kept.reread(container).run()).as("in its own file by now").isEqualTo(taken);
  }

  /** A clock that was set back amid a run makes its end no other one's. */
  @Test
  void anEndBeforeItsStartIsAnEnd() {
    Container container = kept.container(Lifecycle.DEFAULT);
    Instant start = Instant.parse("2026-01-01T00:00:00Z");
    container.update(container.record().run().started(start, null, 0));
    container.ended(
        container.record().run().ended(start, 0, false, "", start.minusSeconds(9)), false);
    store.saveRun(container.record());
    assertThat(kept.reread(container).run().isOpen()).isFalse();
  }

  /** `system prune --volumes` may look between a volume's making and its container's. */
  @Test
  void aVolumeOfAContainerInTheMakingIsUsed() {
    ContainerRecord coming =
        ContainerRecord.created(
            Ids.next(),
            new TestSpec("soon", "box").build(),
            "sha256:1",
            List.of(),
            Map.of(),
            List.of("v"));
    store.intend(coming);
    assertThat(store.usersOfVolume("v")).containsExactly("soon");
    store.settled(coming.id());
    assertThat(store.usersOfVolume("v")).isEmpty();
  }
}
