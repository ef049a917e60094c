package io.jcompose.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.ContainerSpec.MountSpec;
import io.jcompose.core.ContainerView.State;
import io.jcompose.core.file.FileTrees;
import io.jcompose.core.file.StateFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Each file that the engine keeps, as found on disk, is damaged in turn. The engine starts all the
 * same, other containers run on, and a person can go on after removing what is damaged.
 */
@Timeout(300)
@Tag("slow") // hundreds of starts of an engine
class DamageIT {
  @RegisterExtension final EngineFixture host = new EngineFixture();
  private long witness;

  private enum Damage {
    TRUNCATED,
    GARBAGE,
    WRONG_SHAPE,
    NULL,
    REMOVED,
    DIRECTORY
  }

  @ParameterizedTest
  @EnumSource(Damage.class)
  void oneDamagedFileKeepsNothingElseFromWorking(Damage damage) throws Exception {
    host.start(host.spec("witness").sh("exec sleep 1000"));
    witness = host.view("witness").pid();
    List<String> done = new ArrayList<>();
    for (Path file = next(done); file != null; file = next(done)) {
      done.add(kind(file));
      host.shut();
      damage(file, damage);
      host.open();
      worksOn(damage + " " + file);
    }
    assertThat(done).contains("containers/ID/container.json", "networks/ID.json");
    assertThat(done).contains("volumes/data/volume.json", "images/images.json");
    assertThat(done).contains("containers/ID/exit", "images/blobs/sha256/ID", "images/l/LINK");
    for (Path aside : StateFile.setAside(host.config.stateRoot())) {
      FileTrees.delete(aside);
    }
    for (Path folder : list(host.config.containers())) {
      if (host.containers().find(String.valueOf(folder.getFileName())).isEmpty()) {
        FileTrees.delete(folder);
      }
    }
  }

  /** A file of a kind that was not damaged yet; objects that are gone are made anew first. */
  private Path next(List<String> done) throws IOException {
    if (host.engine().networks().find("net").isEmpty()) {
      host.network("net");
    }
    host.containers().remove("victim", true, true);
    host.containers().remove("ended", true, true);
    TestSpec spec = host.spec("victim").sh("echo hello; exec sleep 1000").on("net");
    spec.mounts.add(new MountSpec.Volume("data", "/named", false, false, ""));
    host.start(spec);
    host.run(host.spec("ended").sh("exit 3"));
    try (Stream<Path> files = files()) {
      return files.filter(f -> !done.contains(kind(f))).sorted().findFirst().orElse(null);
    }
  }

  /** What must hold whatever was damaged: others run on, and all that one asks for is possible. */
  private void worksOn(String what) throws IOException {
    assertThat(host.view("witness").state()).as(what).isEqualTo(State.RUNNING);
    assertThat(host.view("witness").pid()).as(what).isEqualTo(witness);
    assertThat(host.exec("witness", "cat /etc/hostname")).as(what).isNotEmpty();
    host.containers().list(Map.of());
    host.engine().images().list();
    host.engine().networks().list(Map.of());
    host.engine().volumes().list(Map.of());
    if (host.engine().images().find(host.image).isEmpty()) {
      host.pull();
    }
    host.run(host.spec("afterwards").sh("test -e /data/seed"));
    assertThat(host.view("afterwards").exitCode()).as(what).isZero();
    host.containers().remove("afterwards", false, true);
    host.containers().remove("victim", true, true);
    assertThat(host.containers().find("victim")).as(what).isEmpty();
  }

  private void damage(Path file, Damage damage) throws IOException {
    if (Files.isSymbolicLink(file)) {
      Files.delete(file);
      Files.write(file, new byte[9]);
    }
    switch (damage) {
      case TRUNCATED -> Files.write(file, new byte[0]);
      case GARBAGE -> {
        byte[] noise = new byte[(int) Files.size(file)];
        new Random(7).nextBytes(noise);
        Files.write(file, noise);
      }
      case WRONG_SHAPE -> Files.write(file, "{\"a\":[1]}".getBytes(StandardCharsets.UTF_8));
      case NULL -> Files.write(file, "null".getBytes(StandardCharsets.UTF_8));
      case REMOVED -> Files.delete(file);
      case DIRECTORY -> {
        Files.delete(file);
        Files.createDirectories(file.resolve("inside"));
      }
    }
  }

  /** All files that the engine keeps; what is in layers and volumes is its containers' own. */
  private Stream<Path> files() throws IOException {
    return Files.walk(host.config.stateRoot())
        .filter(f -> Files.isRegularFile(f) || Files.isSymbolicLink(f))
        .filter(f -> !f.toString().contains(".damaged"))
        .filter(f -> !f.toString().matches(".*/(fs|upper|_data)/.*"))
        .filter(f -> !f.startsWith(host.container(host.view("witness").id())));
  }

  /** The path with names that differ from object to object made equal. */
  private String kind(Path file) {
    return host.config
        .stateRoot()
        .relativize(file)
        .toString()
        .replaceAll("[0-9a-f]{64}", "ID")
        .replaceAll("images/l/.*", "images/l/LINK");
  }

  private static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.toList();
    }
  }
}
