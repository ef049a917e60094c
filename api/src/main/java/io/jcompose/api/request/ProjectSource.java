package io.jcompose.api.request;

import io.jcompose.compose.LoadRequest;
import io.jcompose.compose.ProjectLoader;
import io.jcompose.compose.model.Build;
import io.jcompose.compose.model.FileObject;
import io.jcompose.compose.model.MountConfig;
import io.jcompose.compose.model.Project;
import io.jcompose.compose.model.Service;
import io.jcompose.core.ContainerView;
import io.jcompose.core.Containers;
import io.jcompose.core.ImageReference;
import io.jcompose.core.Images;
import io.jcompose.core.JcomposeException;
import io.jcompose.scheduler.Labels;
import io.jcompose.scheduler.ProjectLists;
import io.jcompose.scheduler.ServiceNames;
import io.jcompose.scheduler.Target;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Finds what a request is about: a project, by its compose files or by name alone, and its
 * services; or single containers, from any folder.
 */
public final class ProjectSource {
  /** To who names an image where docker's command of that name takes one. */
  public static final String WRITE_SERVICE =
      "an image by itself is run by `jcompose container run`; for a service write `image:` in a"
          + " compose file";

  private static final int SHORT_ID = 12; // what ps shows

  private final ProjectLoader loader;
  private final ProjectLists lists;
  private final Containers containers;
  private final Images images;

  public ProjectSource(
      ProjectLoader loader, ProjectLists lists, Containers containers, Images images) {
    this.images = images;
    this.loader = loader;
    this.lists = lists;
    this.containers = containers;
  }

  /** The project as its files say, with these services' profiles active. */
  public Project load(CommandRequest request, List<String> services) {
    return load(request, services, LoadRequest.Options.DEFAULT);
  }

  /** The same with what no service uses. */
  public Project loadAll(CommandRequest request, List<String> services) {
    return load(request, services, LoadRequest.Options.ALL_RESOURCES);
  }

  /** Whoever loads the files hears what their reading warns of. */
  private Project load(CommandRequest request, List<String> services, LoadRequest.Options options) {
    Project project =
        loader.with(request.logins()).load(request.load(services, options), request::keeps);
    project.warnings().forEach(warning -> request.warn(warning.toString()));
    return project;
  }

  /**
   * The project's files, or empty when a name stands for them, as with Docker Compose: {@code -p}
   * without {@code -f} reads no file, and COMPOSE_PROJECT_NAME does where none can be read.
   */
  public Optional<Project> find(CommandRequest request, List<String> services) {
    if (request.isByName()) {
      return Optional.empty();
    }
    try {
      return Optional.of(load(request, services));
    } catch (JcomposeException e) {
      if (request.variableName().isEmpty()) {
        throw e instanceof JcomposeException.InvalidArgument invalid
            ? withName(request, invalid)
            : e;
      }
      return Optional.empty();
    }
  }

  /** Of a project that was brought up from this folder, how to reach it all the same. */
  private JcomposeException withName(
      CommandRequest request, JcomposeException.InvalidArgument error) {
    List<String> here =
        containers.list(Map.of(Labels.WORKING_DIR, request.member("cwd"))).stream()
            .map(view -> view.labels().getOrDefault(Labels.PROJECT, ""))
            .distinct()
            .toList();
    return here.size() != 1
        ? error
        : new JcomposeException.InvalidArgument(
            error.getMessage()
                + "\nwhat was brought up from here is reached without the file by -p "
                + here.getFirst(),
            error);
  }

  /**
   * Refuses words that are no services of the file.
   *
   * @throws JcomposeException.NotFound {@code no such service: x}
   */
  public void requireServices(Project project, List<String> words) {
    for (String word : words) {
      if (!project.services().containsKey(word) && !project.disabledServices().containsKey(word)) {
        throw ServiceNames.noSuchService(word, project.services().keySet());
      }
    }
  }

  /** The error with what to do instead, unless it has a question already, or no word is given. */
  public static JcomposeException advising(
      JcomposeException.NotFound error, List<String> words, String advice) {
    String text = String.valueOf(error.getMessage());
    return words.isEmpty() || text.contains("did you mean")
        ? error
        : new JcomposeException.NotFound(text + "; " + advice);
  }

  /** A word that is an image is told as one: docker's users name containers here. */
  private JcomposeException unknown(Found found, String word) {
    JcomposeException.NotFound error = ServiceNames.noSuchService(word, found.services());
    return isImage(word)
        ? advising(error, List.of(word), "it is an image; `jcompose ps -a` lists containers")
        : error;
  }

  private boolean isImage(String word) {
    try {
      String name = ImageReference.parse(word).familiar(); // no id: `db` may begin one
      return images.find(word).filter(i -> i.references().contains(name)).isPresent();
    } catch (JcomposeException.InvalidArgument e) {
      return false;
    }
  }

  /** The project's name; services that it does not have are refused. */
  public String name(CommandRequest request, List<String> services) {
    return target(request, services).project();
  }

  /** What the request's words mean as services; those that its files do not have are refused. */
  public Target target(CommandRequest request) {
    return target(request, request.arguments());
  }

  private Target target(CommandRequest request, List<String> words) {
    Found found = found(request, words);
    found.require(words);
    return found.target(words);
  }

  /**
   * What the words mean, services before single containers.
   *
   * @throws JcomposeException.NotFound {@code no such service: x}, when no container is called so
   *     either
   */
  public Selection select(CommandRequest request, List<String> words) {
    if (isOfContainers(request) && !words.isEmpty()) {
      return new Selection(null, words.stream().map(this::single).toList());
    }
    if (request.has("all-projects")) {
      return new Selection(null, words, true);
    }
    Found found;
    try {
      found = found(request, words);
    } catch (JcomposeException e) {
      return new Selection(null, containersOnly(words, e));
    }
    List<String> services = new ArrayList<>();
    List<String> names = new ArrayList<>();
    for (String word : words) {
      if (found.services.contains(word)) {
        services.add(word);
      } else {
        names.add(container(word).map(ContainerView::name).orElseThrow(() -> unknown(found, word)));
      }
    }
    boolean onlyContainers = services.isEmpty() && !words.isEmpty();
    return new Selection(onlyContainers ? null : found.target(services), names);
  }

  /** Whether words mean containers alone, as docker's do, whatever the folder has. */
  static boolean isOfContainers(CommandRequest request) {
    return request.is("containersOnly");
  }

  private String single(String word) {
    return containers
        .find(word.startsWith("/") ? word.substring(1) : word)
        .map(ContainerView::name)
        .orElseThrow(() -> new JcomposeException.NotFound(noSuch(word)));
  }

  /**
   * As {@link #select}, for commands that end or start containers: a target a project. Where there
   * is a project only its own containers are meant, so that a slip of the pen ends no other's.
   */
  public List<Target> targets(CommandRequest request) {
    List<String> words = request.arguments();
    Selection selection = select(request, words);
    Target own = selection.target();
    Map<String, List<String>> others = new LinkedHashMap<>();
    for (String name : selection.names()) {
      ContainerView view =
          container(name).orElseThrow(() -> new JcomposeException.NotFound(noSuch(name)));
      String project = view.labels().getOrDefault(Labels.PROJECT, "");
      String here = projectHere(request, words);
      if (!here.isEmpty() && !here.equals(project)) {
        throw ServiceNames.noSuchService(name, lists.services(here));
      }
      others.computeIfAbsent(project, key -> new ArrayList<>()).add(view.id());
    }
    List<Target> targets = new ArrayList<>();
    if (own != null) {
      targets.add(own);
    }
    others.forEach((project, ids) -> targets.add(Target.ofContainers(project, ids)));
    return targets;
  }

  /** The request's words that name containers of the target themselves. */
  public List<String> named(CommandRequest request, Target target) {
    return request.arguments().stream()
        .filter(
            word ->
                container(word).filter(view -> target.containers().contains(view.id())).isPresent())
        .toList();
  }

  /** The project that files or a name tell of; empty when none do. */
  private String projectHere(CommandRequest request, List<String> words) {
    try {
      return found(request, words).project();
    } catch (JcomposeException e) {
      return "";
    }
  }

  /**
   * What to say when containers of the project were brought up from another folder: the same name
   * is taken for the same project, whose containers are replaced and removed.
   */
  public Optional<String> takenOver(Project project) {
    String here = project.workingDir().toString();
    return containers.list(Map.of(Labels.PROJECT, project.name())).stream()
        .map(view -> view.labels().getOrDefault(Labels.WORKING_DIR, here))
        .filter(folder -> !folder.equals(here))
        .findFirst()
        .map(
            folder ->
                "project \""
                    + project.name()
                    + "\" was brought up from "
                    + folder
                    + "; its containers are taken over by "
                    + here
                    + ". To have two projects, give one another name by -p, COMPOSE_PROJECT_NAME or"
                    + " `name:`");
  }

  /** What to say before containers of the project are made. */
  public List<String> cautions(CommandRequest request, Project project) {
    List<String> lines = new ArrayList<>();
    takenOver(project).ifPresent(lines::add);
    lines.addAll(elsewhere(request, project));
    return lines;
  }

  /**
   * What to say of files that a client on another host sees and this host does not have: paths are
   * this host's, as with Docker, which makes an empty folder without a word.
   */
  private static List<String> elsewhere(CommandRequest request, Project project) {
    Set<String> theirs = Set.copyOf(request.members("localPaths"));
    List<String> lines = new ArrayList<>();
    if (theirs.isEmpty()) {
      return lines;
    }
    project
        .services()
        .forEach(
            (name, service) ->
                service.storage().mounts().stream()
                    .filter(MountConfig.Bind.class::isInstance)
                    .map(mount -> ((MountConfig.Bind) mount).source())
                    .filter(theirs::contains)
                    .filter(path -> Files.notExists(Path.of(path)))
                    .forEach(
                        path -> lines.add("service \"" + name + "\" mounts " + notHere(path))));
    project.services().values().forEach(service -> addContext(lines, theirs, service));
    List<FileObject> objects = new ArrayList<>(project.configs().values());
    objects.addAll(project.secrets().values());
    for (FileObject object : objects) {
      if (object.source() instanceof FileObject.Source.HostFile file
          && theirs.contains(file.path())
          && Files.notExists(Path.of(file.path()))) {
        lines.add(object.key() + " is " + notHere(file.path()));
      }
    }
    return lines;
  }

  private static void addContext(List<String> lines, Set<String> theirs, Service service) {
    Build build = service.source().build();
    String context = build == null ? "" : build.context();
    if (theirs.contains(context) && Files.notExists(Path.of(context))) {
      lines.add("service \"" + service.name() + "\" is built of " + notHere(context));
    }
  }

  private static String notHere(String path) {
    return path
        + ", which is on your host and not on the engine's: copy it there, or put small files into"
        + " the compose file (configs and secrets with content: or environment:)";
  }

  /** True for a service of the project's files, also a disabled one, and where there are none. */
  public boolean knows(CommandRequest request, String service) {
    return find(request, List.of())
        .map(p -> p.services().containsKey(service) || p.disabledServices().containsKey(service))
        .orElse(true);
  }

  /** The container with that name, or that id, which may be cut as {@code ps} does. */
  Optional<ContainerView> container(String word) {
    return containers
        .find(word)
        .filter(view -> view.name().equals(word) || word.length() >= SHORT_ID);
  }

  private List<String> containersOnly(List<String> words, JcomposeException noProject) {
    List<String> names = new ArrayList<>();
    for (String word : words) {
      container(word).map(ContainerView::name).ifPresent(names::add);
    }
    if (!words.isEmpty() && names.size() == words.size()) {
      return names;
    }
    boolean noFile = noProject instanceof JcomposeException.NotFound && !words.isEmpty();
    throw noFile
        ? new JcomposeException.NotFound(
            noProject.getMessage() + "; " + noSuch(String.join(" ", missing(words))))
        : noProject;
  }

  private List<String> missing(List<String> words) {
    return words.stream().filter(word -> container(word).isEmpty()).toList();
  }

  private static String noSuch(String word) {
    return "No such container: " + word;
  }

  private Found found(CommandRequest request, List<String> words) {
    Optional<Project> file = find(request, words);
    if (file.isEmpty()) {
      String name = request.projectName();
      return new Found(name, null, lists.services(name));
    }
    Set<String> services = new TreeSet<>(file.get().services().keySet());
    services.addAll(file.get().disabledServices().keySet());
    return new Found(file.get().name(), file.get(), services);
  }

  /**
   * @param services what words may mean
   */
  private record Found(String project, @Nullable Project file, Set<String> services) {
    Target target(List<String> words) {
      return file == null ? Target.of(project, words) : Target.of(file, words);
    }

    void require(List<String> words) {
      for (String word : words) {
        if (!services.contains(word)) {
          throw unknown(word);
        }
      }
    }

    JcomposeException unknown(String word) {
      return ServiceNames.noSuchService(word, services);
    }
  }
}
