package io.jcompose.engine.record;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerSpec.RestartPolicy;
import io.jcompose.core.ContainerView;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.file.FileTrees;
import io.jcompose.core.file.StateFile;
import io.jcompose.engine.EngineConfig;
import io.jcompose.linux.file.DirectoryFd;
import io.jcompose.runtime.Selinux;
import io.jcompose.runtime.TaskLabels;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** The containers in memory by id and name, and their records on disk. Thread-safe. */
public final class ContainerStore {
  private static final String RECORD = "container.json";
  private static final String RUN = "run.json";
  private static final String RETIRED = "removed.json";
  private static final int SHORTEST_PREFIX = 1;

  private final EngineConfig config;
  private final Selinux selinux;
  private final Map<String, Container> byId = new ConcurrentHashMap<>();
  private final Map<String, String> idByName = new ConcurrentHashMap<>();

  /** Of containers in the making, by id: what they will have. */
  private final Map<String, ContainerRecord> intended = new ConcurrentHashMap<>();

  /**
   * @param selinux keeps the labels of these containers apart
   */
  public ContainerStore(EngineConfig config, Selinux selinux) {
    this.config = config;
    this.selinux = selinux;
  }

  /** Labels of its own for a container that will be put here. */
  public TaskLabels labels(ContainerSpec spec) {
    return selinux.give(spec, other -> get(other).record().labels());
  }

  /**
   * Reads all records; a damaged one is set aside and reported. Returns the directories that belong
   * to no container.
   */
  public List<Path> load() {
    List<Path> strays = new ArrayList<>();
    try {
      Files.createDirectories(config.containers());
      try (DirectoryFd containers = DirectoryFd.open(config.containers())) {
        containers.keepDirectoriesApart();
      }
      try (var entries = Files.newDirectoryStream(config.containers())) {
        for (Path entry : entries) {
          if (Files.isDirectory(entry) && !load(entry)) {
            strays.add(entry);
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("failed to read the containers in " + config.containers(), e);
    }
    return strays;
  }

  public void reserve(String name, String id) {
    String holder = idByName.putIfAbsent(name, id);
    if (holder != null && !holder.equals(id)) {
      throw new JcomposeException.Conflict(
          "Conflict. The container name \"/"
              + name
              + "\" is already in use by container \""
              + holder
              + "\". You have to remove (or rename) that container to be able to reuse that name.");
    }
  }

  public void release(String name, String id) {
    idByName.remove(name, id);
  }

  public void put(Container container) {
    byId.put(container.id(), container);
  }

  public void forget(String id) {
    Container container = byId.remove(id);
    if (container != null) {
      selinux.release(container.record().labels());
    }
  }

  public Collection<Container> all() {
    return byId.values();
  }

  /** What the containers with all these labels look like, sorted by name; "" matches any value. */
  public List<ContainerView> views(Map<String, String> labels) {
    return byId.values().stream()
        .map(Container::view)
        .filter(view -> carries(view.labels(), labels))
        .filter(view -> !view.labels().containsKey(ContainerRecord.OF_A_BUILD))
        .sorted(Comparator.comparing(ContainerView::name))
        .toList();
  }

  private static boolean carries(Map<String, String> has, Map<String, String> wanted) {
    return wanted.entrySet().stream()
        .allMatch(
            w -> {
              String value = has.get(w.getKey());
              return value != null
                  && (w.getValue().isEmpty() || Objects.equals(value, w.getValue()));
            });
  }

  /** Throws NotFound ({@code No such container: x}). */
  public Container get(String ref) {
    return find(ref).orElseThrow(() -> new JcomposeException.NotFound("No such container: " + ref));
  }

  /** By id, by name, or by a prefix of the id that only one container has. */
  public Optional<Container> find(String ref) {
    Container exact = byId.get(ref);
    if (exact != null) {
      return Optional.of(exact);
    }
    String named = idByName.get(ref.startsWith("/") ? ref.substring(1) : ref);
    if (named != null) {
      return Optional.ofNullable(byId.get(named));
    }
    if (ref.length() < SHORTEST_PREFIX) {
      return Optional.empty();
    }
    List<Container> matches =
        byId.values().stream().filter(c -> c.id().startsWith(ref)).limit(2).toList();
    return matches.size() == 1 ? Optional.of(matches.getFirst()) : Optional.empty();
  }

  /** Writes the desired container durably: nothing else knows it. */
  public void save(ContainerRecord record) {
    StateFile.write(
        config.container(record.id()).resolve(RECORD), RecordJson.write(record.onDisk()));
  }

  /**
   * Writes how its run went. Waits for the disk only where a power cut must not undo what a person
   * asked for: a stop of a container that its policy would start again.
   */
  public void saveRun(ContainerRecord record) {
    Path file = config.container(record.id()).resolve(RUN);
    if (mustStayDown(record)) {
      StateFile.write(file, RecordJson.writeRun(record));
    } else {
      StateFile.writeVolatile(file, RecordJson.writeRun(record));
    }
  }

  private static boolean mustStayDown(ContainerRecord record) {
    RunRecord run = record.run();
    return run.manuallyStopped()
        && !run.isOpen()
        && record.spec().lifecycle().restart().kind() != RestartPolicy.Kind.NO;
  }

  /**
   * Takes the record away, after which the container is no more.
   *
   * @param kept leaves it under another name, for {@link #retired}
   */
  public void retire(String id, boolean kept) {
    Path file = config.container(id).resolve(RECORD);
    // Durably: its name may be another one's by the time of a power cut.
    if (kept) {
      StateFile.rename(file, RETIRED);
    } else {
      StateFile.delete(file);
    }
  }

  /**
   * Forgets a container that is to go with its volumes, so that its name is free; returns the
   * directory, which is then as an unfinished removal left it.
   */
  public Path abandon(Container container) {
    retire(container.id(), !container.record().anonymousVolumes().isEmpty());
    forget(container.id());
    release(container.record().spec().name(), container.id());
    return config.container(container.id());
  }

  /**
   * Says which anonymous volumes a container in the making will have: a crash before its record is
   * written leaves them to the next start as an unfinished removal does.
   */
  public void intend(ContainerRecord record) {
    intended.put(record.id(), record);
    StateFile.write(
        config.container(record.id()).resolve(RETIRED), RecordJson.write(record.onDisk()));
  }

  /** Nothing is intended any more: the container is there, or will not be. */
  public void settled(String id) {
    intended.remove(id);
  }

  /** The names of the containers of an image. */
  public List<String> usersOfImage(String imageId) {
    return all().stream()
        .filter(c -> c.record().imageId().equals(imageId))
        .map(c -> c.view().name())
        .toList();
  }

  /** The names of containers, also of those in the making, that use a volume. */
  public List<String> usersOfVolume(String volume) {
    Stream<ContainerRecord> present =
        all().stream()
            .filter(c -> c.view().state() != ContainerView.State.REMOVING)
            .map(Container::record)
            .filter(record -> record.volumes().containsValue(volume));
    Stream<ContainerRecord> coming =
        intended.values().stream().filter(r -> r.anonymousVolumes().contains(volume));
    return Stream.concat(present, coming).map(r -> r.spec().name()).distinct().toList();
  }

  /** The container is made: what was intended stands in its record. */
  public void done(String id) {
    try {
      Files.deleteIfExists(config.container(id).resolve(RETIRED));
    } catch (IOException e) {
      throw new UncheckedIOException("failed to complete container " + id, e);
    }
  }

  /** What an unfinished removal left of the record, so that it can be finished. */
  public Optional<ContainerRecord> retired(Path directory) {
    String id = String.valueOf(directory.getFileName());
    return StateFile.load(
        directory.resolve(RETIRED),
        json -> RecordJson.read(id, json),
        "anonymous volumes of it may be left");
  }

  public void deleteDirectory(String id) {
    try {
      FileTrees.delete(config.container(id));
    } catch (IOException e) {
      throw new UncheckedIOException("failed to remove " + config.container(id), e);
    }
  }

  private boolean load(Path directory) {
    String id = String.valueOf(directory.getFileName());
    Optional<Container> container =
        StateFile.load(
            directory.resolve(RECORD),
            json -> {
              Container sound = new Container(withRun(directory, RecordJson.read(id, json), json));
              reserve(sound.record().spec().name(), id);
              return sound;
            },
            "a process of the container is ended; `up` makes it anew, and its files stay in "
                + directory
                + " until `jcompose system prune`");
    container.ifPresent(
        sound -> {
          put(sound);
          selinux.keep(sound.record().labels());
          done(id);
        });
    return container.isPresent() || Files.exists(directory.resolve(RECORD + ".damaged"));
  }

  /**
   * With the run as its own file has it. One that a power cut destroyed says that there was a run;
   * without one, an older engine may have written the run beside the rest.
   */
  private static ContainerRecord withRun(Path directory, ContainerRecord record, byte[] json) {
    Path file = directory.resolve(RUN);
    Optional<RunRecord> run =
        StateFile.loadVolatile(file, RecordJson::readRun, RunRecord.lost(record.createdAt()));
    if (run.isPresent()) {
      return record.withRun(run.get());
    }
    ContainerRecord whole = record.withRun(RecordJson.readRun(json));
    if (whole.startedAt() != null) {
      // From now on container.json is written without it.
      StateFile.write(file, RecordJson.writeRun(whole));
    }
    return whole;
  }
}
