package io.jcompose.scheduler.store;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.deser.std.FromStringDeserializer;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import io.jcompose.core.ContainerSpec.MountSpec;
import io.jcompose.core.ContainerView;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.file.StateFile;
import io.jcompose.scheduler.DownOptions;
import io.jcompose.scheduler.UpOptions;
import io.jcompose.scheduler.desired.Desired;
import io.jcompose.scheduler.plan.Observed;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The state files of projects: {@code <name>.json} holds durably the desired state of a project and
 * which command was begun; {@code <name>.done} tells, without waiting for the disk, that the
 * command was completed, for after a power cut it does no harm to complete it again. Thread-safe
 * for different projects; one project's is used in its turn.
 */
public final class ProjectStore {
  private static final Logger LOG = LoggerFactory.getLogger(ProjectStore.class);
  private static final String STATE = ".json";
  private static final String DONE = ".done";
  private static final ObjectMapper JSON = mapper();

  private final Path directory;
  private final Map<String, Instant> latest = new ConcurrentHashMap<>();
  private volatile boolean closed;

  public ProjectStore(Path directory) {
    this.directory = directory;
  }

  /** What was begun. */
  public enum Goal {
    UP,
    DOWN,
    START,
    RESTART,
    STOP,
    KILL,
    /** Of what had ended before. */
    REMOVE,
    STOP_AND_REMOVE
  }

  /**
   * A project's state.
   *
   * @param begun when the command was given; only tells one command from the next
   * @param desired null when only labels are known
   * @param down of all that ends containers: what they ask of a {@code down} too
   * @param services of a START or RESTART
   * @param runs the containers that it means, by id, each with its run at that time; a later start
   *     does to those only what is left to do. No time of the clock says so, for it may be set back
   */
  public record Stored(
      String project,
      Goal goal,
      Instant begun,
      @Nullable Desired desired,
      @Nullable UpOptions up,
      @Nullable DownOptions down,
      List<String> services,
      Map<String, String> runs) {
    public Stored {
      Objects.requireNonNull(project, "project");
      Objects.requireNonNull(goal, "goal");
      Objects.requireNonNull(begun, "begun");
      services = List.copyOf(services);
      // An engine before this one did not write it: then nothing is meant.
      runs = runs == null ? Map.of() : Map.copyOf(runs);
    }

    /** An {@code up} that begins now. */
    public static Stored ofUp(Desired desired, UpOptions options, Map<String, String> runs) {
      return new Stored(
          desired.project(), Goal.UP, Instant.now(), desired, options, null, List.of(), runs);
    }

    /** A start or restart of services that begins now. */
    public static Stored ofStart(
        String project,
        Goal goal,
        @Nullable Desired desired,
        List<String> services,
        Map<String, String> runs) {
      return new Stored(project, goal, Instant.now(), desired, null, null, services, runs);
    }

    /** Of what ends containers, beginning now. */
    public static Stored ofEnd(
        String project,
        Goal goal,
        @Nullable Desired desired,
        DownOptions options,
        Map<String, String> runs) {
      return new Stored(project, goal, Instant.now(), desired, null, options, List.of(), runs);
    }

    /** True for a container that it means and that was not started since. */
    public boolean means(ContainerView view) {
      return Observed.run(view).equals(runs.get(view.id()));
    }
  }

  public boolean exists(String project) {
    return isName(project) && Files.exists(file(project, STATE));
  }

  /** Writes durably what is about to be done. */
  public void begin(Stored stored) {
    latest.put(stored.project(), stored.begun());
    try {
      StateFile.write(file(stored.project(), STATE), JSON.writeValueAsBytes(stored));
    } catch (IOException e) {
      throw new UncheckedIOException("failed to write the state of " + stored.project(), e);
    }
  }

  /** As {@link #begin}, for what makes room: a full disk must not be in its way. */
  public void beginRemoval(Stored stored) {
    try {
      begin(stored);
    } catch (JcomposeException.Unavailable e) {
      LOG.warn("a crash would not finish the removal of {}: {}", stored.project(), e.getMessage());
    }
  }

  /**
   * What is not written as done is done again by the next start, which changes nothing then. Of a
   * command that lent its turn to a later one, that one's state stands.
   */
  public void finish(Stored stored) {
    if (isLatest(stored) && !isFinished(stored)) { // what is durable stays so
      writeDone(stored, StateFile::writeVolatile);
    }
  }

  /** As {@link #finish}, durably: no start, not even after a power cut, does any of the rest. */
  public void withdraw(Stored stored) {
    if (isLatest(stored)) {
      writeDone(stored, StateFile::write);
    }
  }

  private boolean isLatest(Stored stored) {
    return !closed && latest.getOrDefault(stored.project(), stored.begun()).equals(stored.begun());
  }

  private void writeDone(Stored stored, BiConsumer<Path, byte[]> write) {
    byte[] text = stored.begun().toString().getBytes(StandardCharsets.UTF_8);
    try {
      write.accept(file(stored.project(), DONE), text);
    } catch (JcomposeException.Unavailable e) {
      LOG.warn("{}", e.getMessage());
    }
  }

  /** The engine ends: what fails from now on may fail for that, and is not told as done. */
  public void close() {
    closed = true;
  }

  public boolean isFinished(Stored stored) {
    return StateFile.loadVolatile(
            file(stored.project(), DONE), bytes -> new String(bytes, StandardCharsets.UTF_8), "")
        .filter(stored.begun().toString()::equals)
        .isPresent();
  }

  /** Whether a command was begun that has not ended: one under way, or one cut off by a crash. */
  public boolean isUnderWay(String project) {
    return load(project).filter(last -> !isFinished(last)).isPresent();
  }

  public void delete(String project) {
    latest.remove(project);
    try {
      // Without its state file it says nothing, so it need not wait for the disk.
      Files.deleteIfExists(file(project, DONE));
    } catch (IOException e) {
      throw new UncheckedIOException("failed to delete the state of " + project, e);
    }
    StateFile.delete(file(project, STATE));
  }

  /** The project's state, or empty; a damaged file is put aside. */
  public Optional<Stored> load(String project) {
    return StateFile.load(
        file(project, STATE),
        ProjectStore::parse,
        "what project " + project + " shall be is known again after its next `up`");
  }

  /** Names of the projects with a state file, sorted; leftovers of interrupted writes go. */
  public List<String> names() {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(this::isKept)
          .map(file -> String.valueOf(file.getFileName()))
          .filter(name -> name.endsWith(STATE))
          .map(name -> name.substring(0, name.length() - STATE.length()))
          .sorted()
          .toList();
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (IOException e) {
      throw new UncheckedIOException("failed to list " + directory, e);
    }
  }

  private boolean isKept(Path file) {
    if (StateFile.isLeftover(file)) {
      StateFile.delete(file);
      return false;
    }
    return true;
  }

  /** Whether a project of that name may have files here. */
  public static boolean isName(String project) {
    return !project.isEmpty() && !project.contains("/") && !project.startsWith(".");
  }

  private Path file(String project, String suffix) {
    if (!isName(project)) {
      throw new JcomposeException.InvalidArgument("not a project name: " + project);
    }
    return directory.resolve(project + suffix);
  }

  private static Stored parse(byte[] json) {
    try {
      return JSON.readValue(json, Stored.class);
    } catch (IOException e) {
      throw new JcomposeException.Corrupt("no state of a project", e);
    }
  }

  private static ObjectMapper mapper() {
    SimpleModule words = new SimpleModule();
    text(words, Duration.class, Duration::parse);
    text(words, Instant.class, Instant::parse);
    words.addSerializer(Path.class, new ToStringSerializer(Path.class));
    words.addDeserializer(Path.class, parser(Path.class, Path::of));
    return JsonMapper.builder()
        .addModule(words)
        .addMixIn(MountSpec.class, MountKinds.class)
        .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
        .defaultPropertyInclusion(
            JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, JsonInclude.Include.ALWAYS))
        .visibility(PropertyAccessor.IS_GETTER, JsonAutoDetect.Visibility.NONE)
        .visibility(PropertyAccessor.GETTER, JsonAutoDetect.Visibility.NONE)
        .visibility(PropertyAccessor.FIELD, JsonAutoDetect.Visibility.ANY)
        .build();
  }

  private static <T> void text(SimpleModule module, Class<T> type, Function<String, T> parse) {
    module.addSerializer(type, new ToStringSerializer(type));
    module.addDeserializer(type, parser(type, parse));
  }

  private static <T> JsonDeserializer<T> parser(Class<T> type, Function<String, T> parse) {
    return new Parser<>(type, parse);
  }

  private static final class Parser<T> extends FromStringDeserializer<T> {
    private static final long serialVersionUID = 1L;
    private final transient Function<String, T> parse;

    Parser(Class<T> type, Function<String, T> parse) {
      super(type);
      this.parse = parse;
    }

    @Override
    protected T _deserialize(String value, DeserializationContext context) {
      return parse.apply(value);
    }
  }

  /** How the kinds of mounts are told apart. */
  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = MountSpec.Volume.class, name = "volume"),
    @JsonSubTypes.Type(value = MountSpec.Bind.class, name = "bind"),
    @JsonSubTypes.Type(value = MountSpec.Tmpfs.class, name = "tmpfs")
  })
  private interface MountKinds {}
}
