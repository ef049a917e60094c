package io.jcompose.api.host;

import io.jcompose.api.answer.ListFormat;
import io.jcompose.api.build.BaseImages;
import io.jcompose.api.build.BuildEndpoints;
import io.jcompose.api.request.CommandRequest;
import io.jcompose.api.request.ProjectSource;
import io.jcompose.api.text.JsonText;
import io.jcompose.compose.model.Project;
import io.jcompose.core.Containers;
import io.jcompose.core.Images;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.RegistryLogins;
import io.jcompose.core.RegistryLogins.Login;
import io.jcompose.core.build.BuildSpec;
import io.jcompose.scheduler.BuildMode;
import io.jcompose.scheduler.Projects;
import io.jcompose.scheduler.PullNeeds;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * {@code login}, and which registries a request would show logins to: a client asks that first, and
 * hands over its user's logins for these, and no others. Thread-safe.
 */
public final class LoginCommands {
  private final Images images;
  private final ProjectSource source;
  private final PullNeeds needs;
  private final Projects projects;

  public LoginCommands(
      Images images, Containers containers, ProjectSource source, Projects projects) {
    this.projects = projects;
    this.images = images;
    this.source = source;
    this.needs = new PullNeeds(images, containers);
  }

  /** Shows a login to its registry: {@code {"user":…,"secret":…}}, what to keep of it. */
  public String login(CommandRequest request) {
    if (!(request.logins() instanceof RegistryLogins.OfCaller given)
        || given.byRegistry().size() != 1) {
      throw new JcomposeException.InvalidArgument("a login is for one registry");
    }
    Map.Entry<String, Login> entry = given.byRegistry().entrySet().iterator().next();
    Login kept = images.checkLogin(entry.getKey(), entry.getValue());
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("user", kept.user());
    members.put("secret", kept.secret());
    return JsonText.of(members);
  }

  /** The registries that the request would show logins to if it were the command {@code for}. */
  public String registries(CommandRequest request) {
    return ListFormat.lines(
        references(request.warning(text -> {}))
            .filter(reference -> !reference.isEmpty())
            .flatMap(this::registries)
            .distinct()
            .toList());
  }

  private Stream<String> references(CommandRequest request) {
    List<String> words = request.arguments();
    return switch (request.member("for")) {
      case "config" ->
          source.load(request, words).services().values().stream()
              .map(service -> service.source().image());
      case "build" -> {
        Project project = source.load(request, words);
        boolean alone = !request.has("with-dependencies");
        Stream<String> pushed =
            request.has("push") ? projects.pushNeeds(project, words, !alone).stream() : Stream.of();
        yield Stream.concat(
            BaseImages.of(needs.builds(project, words, alone, "", BuildMode.ALL)), pushed);
      }
      case "image/build" -> {
        BuildSpec spec = BuildEndpoints.spec(request);
        Stream<String> pushed =
            BuildEndpoints.isPushed(request) ? spec.tags().stream() : Stream.of();
        yield Stream.concat(BaseImages.of(List.of(spec)), pushed);
      }
      case "image pull", "image push", "search" -> words.stream();
      case "push" ->
          projects
              .pushNeeds(source.load(request, words), words, request.has("include-deps"))
              .stream();
      case "pull" -> pull(request, source.load(request, words));
      case "run" -> ofServices(request, words.subList(0, Math.min(1, words.size())));
      case "scale" -> ofServices(request, words.stream().map(w -> w.split("=", 2)[0]).toList());
      default -> ofServices(request, words);
    };
  }

  /**
   * The services' images, and what the Dockerfiles of those that are built start from, as far as
   * they tell it without being carried out.
   */
  private Stream<String> ofServices(CommandRequest request, List<String> services) {
    Project project = source.load(request, services);
    boolean noDeps = request.has("no-deps");
    String policy = request.text("pull");
    BuildMode mode = request.buildMode();
    return Stream.concat(
        needs.of(project, services, noDeps, policy, mode).stream(),
        BaseImages.of(needs.builds(project, services, noDeps, policy, mode)));
  }

  private Stream<String> pull(CommandRequest request, Project project) {
    String policy = request.text("policy").isEmpty() ? "always" : request.text("policy");
    return needs
        .of(project, request.arguments(), !request.has("include-deps"), policy, BuildMode.MISSING)
        .stream();
  }

  /** None for an image's id. */
  private Stream<String> registries(String reference) {
    try {
      return images.registries(reference).stream();
    } catch (JcomposeException.InvalidArgument e) {
      return Stream.of();
    }
  }
}
