package io.jcompose.volumes;

import io.jcompose.core.EngineEvent;
import io.jcompose.core.IdMap;
import io.jcompose.core.Ids;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Mount;
import io.jcompose.core.Volumes;
import io.jcompose.core.file.FileTrees;
import io.jcompose.core.file.StateFile;
import io.jcompose.core.sync.KeyedLock;
import io.jcompose.linux.KernelException;
import io.jcompose.linux.file.DirectoryFd;
import io.jcompose.linux.file.TreeRemoval;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The volumes of one engine, each a directory {@code <name>/} with {@code volume.json} and {@code
 * _data}. Thread-safe; changes to one volume are serialised by its name.
 */
public final class VolumeStore implements Volumes {
  private static final Logger LOG = LoggerFactory.getLogger(VolumeStore.class);
  private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]*");
  private static final String RECORD = "volume.json";
  private static final String DATA = "_data";
  private static final String REMOVED_SUFFIX = ".removed";

  private final Path root;
  private final Function<String, List<String>> users;
  private final KeyedLock<String> locks = new KeyedLock<>();
  private final Map<String, VolumeRecord> records = new ConcurrentHashMap<>();
  private final MemoryVolumes memory = new MemoryVolumes();

  private final Consumer<EngineEvent> told;

  private VolumeStore(Path root, Function<String, List<String>> users, Consumer<EngineEvent> told) {
    this.root = root;
    this.users = users;
    this.told = told;
  }

  /**
   * Opens the store and repairs what a crash left. A damaged record is set aside with a warning;
   * its data stays.
   *
   * @param users names the containers that use a volume
   * @param told hears of volumes that come and go
   */
  public static VolumeStore open(
      Path root, Function<String, List<String>> users, Consumer<EngineEvent> told) {
    VolumeStore store = new VolumeStore(root, users, told);
    store.load();
    return store;
  }

  @Override
  public VolumeView create(VolumeSpec spec) {
    boolean anonymous = spec.name().isEmpty();
    String name = anonymous ? Ids.next() : spec.name();
    if (!NAME.matcher(name).matches()) {
      throw new JcomposeException.InvalidArgument(
          "create "
              + name
              + ": \""
              + name
              + "\" includes invalid characters for a local volume name, only \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed."
              + " If you intended to pass a host directory, use absolute path");
    }
    VolumeSpec wanted =
        new VolumeSpec(
            name, spec.driver().isEmpty() ? "local" : spec.driver(), spec.options(), spec.labels());
    VolumeRecord record =
        locks.locked(
            name,
            () -> {
              VolumeRecord present = records.get(name);
              if (present != null) {
                return same(present, wanted);
              }
              LocalDriver.check(wanted);
              return made(new VolumeRecord(wanted, Instant.now(), anonymous));
            });
    return view(record);
  }

  /** Makes a volume that goes with a container, under a name that nobody has. */
  public void createAnonymous(String name) {
    locks.locked(name, () -> made(new VolumeRecord(plain(name).spec(), Instant.now(), true)));
  }

  private VolumeRecord made(VolumeRecord wanted) {
    VolumeRecord record = make(wanted);
    tell(record.spec().name(), "create");
    return record;
  }

  private void tell(String name, String action) {
    told.accept(EngineEvent.ObjectChanged.of("volume", name, action, Map.of("driver", "local")));
  }

  @Override
  public void remove(String name) {
    locks.run(
        name,
        () -> {
          if (records.containsKey(name)) {
            removeUnused(name);
          }
        });
  }

  @Override
  public Optional<VolumeView> find(String name) {
    return Optional.ofNullable(records.get(name)).map(this::view);
  }

  @Override
  public long bytes(String name) {
    return records.containsKey(name) ? FileTrees.bytes(data(name)) : 0;
  }

  @Override
  public List<VolumeView> list(Map<String, String> labels) {
    return records.values().stream()
        .filter(r -> labels.entrySet().stream().allMatch(l -> matches(r, l)))
        .map(this::view)
        .sorted(Comparator.comparing(VolumeView::name))
        .toList();
  }

  /**
   * The mount that shows a volume in a container.
   *
   * @param subpath a directory inside the volume, or empty; it may not lead out of the volume
   * @throws JcomposeException.NotFound for an unknown volume or subpath
   */
  public Mount mount(String name, String target, boolean readOnly, String subpath) {
    VolumeRecord record = record(name);
    return LocalDriver.mount(record.spec(), data(name), target, readOnly, subpath);
  }

  /**
   * Fills an empty volume from what the image has at the mount's target, with owners, modes, times,
   * attributes and links, and once only. A fill that a crash broke off is done again; one that
   * fails leaves the volume as it was, and nothing that is in a volume is ever removed by one.
   *
   * @param layers the image's layers, topmost first
   * @param target absolute path inside the image
   */
  public void fill(String name, List<Path> layers, String target) {
    locks.run(
        name,
        () -> {
          if (LocalDriver.isDirectory(record(name).spec())) {
            CopyUp.fill(directory(name), layers, target);
          }
        });
  }

  /**
   * Notes that a container is about to run with a volume, which makes one in memory if it is the
   * first.
   *
   * @param ids what the container's users are on the host
   * @throws JcomposeException.NotFound for an unknown volume
   * @throws JcomposeException.InvalidArgument for options that the kernel does not take
   */
  public void acquire(String name, String container, IdMap ids) {
    if (!LocalDriver.isTmpfs(record(name).spec())) {
      return; // one that is filled from an image just now keeps its lock for long
    }
    locks.run(
        name,
        () -> {
          String options = LocalDriver.option(record(name).spec(), "o");
          memory.acquire(name, data(name), options, container, ids);
        });
  }

  /** Notes that it runs no more; does nothing for what was not acquired. */
  public void release(String name, String container) {
    VolumeRecord record = records.get(name);
    if (record != null && LocalDriver.isTmpfs(record.spec())) {
      locks.run(name, () -> memory.release(name, data(name), container));
    }
  }

  /**
   * Takes volumes in memory over from an engine before this one, and unmounts those that nothing
   * runs with.
   *
   * @param running the containers that run with a volume, by its name
   */
  public void adopt(Map<String, Set<String>> running) {
    for (VolumeRecord record : List.copyOf(records.values())) {
      String name = record.spec().name();
      if (LocalDriver.isTmpfs(record.spec())) {
        Set<String> containers = running.getOrDefault(name, Set.of());
        locks.run(name, () -> memory.adopt(name, data(name), containers));
      }
    }
  }

  private VolumeRecord record(String name) {
    VolumeRecord record = records.get(name);
    if (record == null) {
      throw new JcomposeException.NotFound("get " + name + ": no such volume");
    }
    return record;
  }

  private void removeUnused(String name) {
    List<String> holders = users.apply(name);
    if (!holders.isEmpty()) {
      throw new JcomposeException.Conflict(
          "remove " + name + ": volume is in use - [" + String.join(", ", holders) + "]");
    }
    if (LocalDriver.isTmpfs(record(name).spec())) {
      memory.drop(name, data(name));
    }
    // Renamed first, so that a crash leaves either the whole volume or a directory that the next
    // start clears away.
    Path doomed = root.resolve("." + name + REMOVED_SUFFIX);
    try {
      clear(doomed);
      Files.move(directory(name), doomed);
      records.remove(name);
      LOG.info("volume {} removed", name);
      tell(name, "destroy");
      clear(doomed);
    } catch (IOException e) {
      throw new UncheckedIOException("failed to remove volume " + name, e);
    }
  }

  /** What containers made may be deeper than a path can tell. */
  private void clear(Path doomed) {
    try (DirectoryFd volumes = DirectoryFd.open(root)) {
      TreeRemoval.remove(
          volumes, String.valueOf(doomed.getFileName()).getBytes(StandardCharsets.UTF_8));
    }
  }

  private void clearLeft(Path doomed) {
    try {
      clear(doomed);
    } catch (KernelException e) {
      LOG.warn("what is left of a removed volume stays until the next start", e);
    }
  }

  private VolumeRecord make(VolumeRecord record) {
    try {
      Files.createDirectories(data(record.spec().name()));
    } catch (IOException e) {
      throw new UncheckedIOException("failed to create volume " + record.spec().name(), e);
    }
    StateFile.write(directory(record.spec().name()).resolve(RECORD), record.toJson());
    records.put(record.spec().name(), record);
    LOG.info("volume {} made", record.spec().name());
    return record;
  }

  private static VolumeRecord same(VolumeRecord present, VolumeSpec wanted) {
    if (!present.spec().driver().equals(wanted.driver())
        || (!wanted.options().isEmpty() && !present.spec().options().equals(wanted.options()))) {
      throw new JcomposeException.Conflict(
          "volume "
              + wanted.name()
              + " already exists with other driver options; remove it first or use another name");
    }
    return present;
  }

  private void load() {
    try {
      Files.createDirectories(root);
      try (var entries = Files.newDirectoryStream(root)) {
        for (Path entry : entries) {
          String name = String.valueOf(entry.getFileName());
          if (name.startsWith(".") && name.endsWith(REMOVED_SUFFIX)) { // no volume's name
            clearLeft(entry);
          } else if (Files.isDirectory(entry)) {
            load(name);
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("failed to read the volumes in " + root, e);
    }
  }

  private void load(String name) {
    Optional<VolumeRecord> record =
        StateFile.load(
            directory(name).resolve(RECORD),
            json -> VolumeRecord.parse(name, json),
            "volume " + name + " keeps its data, and loses its labels and options");
    if (record.isEmpty()) {
      // A create that did not get as far as its record, or a record that is gone: the data is never
      // thrown away.
      if (isRemovable(data(name)) && isRemovable(directory(name))) {
        return;
      }
      LOG.warn("volume {} has data but no record; keeping it as a plain volume", name);
      make(plain(name));
      return;
    }
    records.put(name, record.get());
    try {
      CopyUp.settle(directory(name));
    } catch (JcomposeException e) {
      LOG.warn("volume {}: what the last engine began to fill is not finished", name, e);
    }
  }

  private static VolumeRecord plain(String name) {
    return new VolumeRecord(
        new VolumeSpec(name, "local", Map.of(), Map.of()), Instant.now(), false);
  }

  /** Removes the directory if it is empty; true when it is gone. */
  private static boolean isRemovable(Path directory) {
    return directory.toFile().delete() || !Files.exists(directory);
  }

  private static boolean matches(VolumeRecord record, Map.Entry<String, String> label) {
    String value = record.spec().labels().get(label.getKey());
    return value != null && (label.getValue().isEmpty() || label.getValue().equals(value));
  }

  private VolumeView view(VolumeRecord record) {
    return new VolumeView(
        record.spec(), data(record.spec().name()), record.createdAt(), record.anonymous());
  }

  private Path directory(String name) {
    return root.resolve(name);
  }

  private Path data(String name) {
    return root.resolve(name).resolve(DATA);
  }
}
