package io.jcompose.api.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.api.answer.ProgressLines;
import io.jcompose.api.request.CommandRequest;
import io.jcompose.api.request.ProjectSource;
import io.jcompose.api.text.JsonText;
import io.jcompose.compose.ProjectLoader;
import io.jcompose.core.Containers;
import io.jcompose.core.Images;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networks;
import io.jcompose.core.Progress;
import io.jcompose.core.Volumes;
import io.jcompose.core.build.BuildSpec;
import io.jcompose.core.build.Builds;
import io.jcompose.scheduler.Projects;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BuildEndpointsTest {
  @TempDir Path folder;
  @TempDir Path state;
  private final Vertx vertx = Vertx.vertx();
  private final List<BuildSpec> built = new ArrayList<>();
  private final List<String> findings = new ArrayList<>();
  private final List<Map<String, Object>> told = new CopyOnWriteArrayList<>();
  private final ProgressLines progress = new ProgressLines(told::add);
  private Projects projects;
  private BuildEndpoints endpoints;

  /** An engine that only builds. */
  private final class OnlyBuilds implements Builds {
    @Override
    public List<Built> build(List<BuildSpec> specs, Progress caller) {
      built.addAll(specs);
      specs.forEach(spec -> caller.report(Progress.Step.of("Image " + spec.name(), "Built")));
      return specs.stream().map(spec -> new Built("sha256:" + spec.name(), false)).toList();
    }

    @Override
    public List<String> check(BuildSpec spec) {
      return findings;
    }

    @Override
    public void export(String imageId, OutputStream tar) {
      throw new UnsupportedOperationException();
    }

    @Override
    public List<CacheEntry> cache() {
      return List.of();
    }

    @Override
    public io.jcompose.core.build.SentFolder receiveFolder(String key) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Received receive(InputStream content) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Images.Pruned prune(Prune what) {
      return new Images.Pruned(List.of(), 0);
    }
  }

  /** A port behind which there is nothing. */
  private static <P> P empty(Class<P> port) {
    return port.cast(
        Proxy.newProxyInstance(
            port.getClassLoader(),
            new Class<?>[] {port},
            (proxy, method, arguments) -> {
              if (method.getName().equals("completed")) {
                return arguments[0];
              }
              Class<?> type = method.getReturnType();
              if (type == Optional.class) {
                return Optional.empty();
              }
              return type == List.class ? List.of() : null;
            }));
  }

  @BeforeEach
  void open() throws IOException {
    Files.writeString(
        folder.resolve("compose.yaml"),
        """
        name: shop
        services:
          web: {build: {context: web, args: {A: "1"}}, depends_on: [api]}
          api: {build: api}
          db: {image: db}
        """);
    Containers containers = empty(Containers.class);
    Images images = empty(Images.class);
    Builds builds = new OnlyBuilds();
    projects =
        new Projects(
            vertx,
            state,
            containers,
            empty(Networks.class),
            empty(Volumes.class),
            images,
            builds,
            listener -> () -> {});
    endpoints =
        new BuildEndpoints(
            projects,
            builds,
            new ProjectSource(new ProjectLoader(), projects.lists(), containers, images));
  }

  @AfterEach
  void close() {
    projects.close();
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  private CommandRequest request(Map<String, Object> options, String... words) {
    Map<String, Object> members = new HashMap<>();
    members.put("cwd", folder.toString());
    members.put("env", Map.of("GIVEN", "g"));
    members.put("options", options);
    members.put("arguments", List.of(words));
    return CommandRequest.parse(JsonText.of(members).getBytes(StandardCharsets.UTF_8));
  }

  private List<Object> printed() {
    progress.flush();
    return told.stream().map(line -> line.get("stdout")).filter(line -> line != null).toList();
  }

  @Test
  void buildsTheServicesThatHaveASection() {
    endpoints.services(request(Map.of()), progress);
    assertThat(built).extracting(BuildSpec::name).containsExactly("web", "api");
    assertThat(printed()).isEmpty();
    assertThat(told).contains(Map.of("id", "Image web", "status", "Built"));
  }

  @Test
  void optionsReachTheBuild() {
    endpoints.services(
        request(
            Map.of(
                "build-arg",
                List.of("A=2", "GIVEN"),
                "no-cache",
                true,
                "pull",
                true,
                "memory",
                "1m",
                "quiet",
                true),
            "web"),
        progress);
    BuildSpec spec = built.getFirst();
    assertThat(built).hasSize(1);
    assertThat(spec.args()).isEqualTo(Map.of("A", "2", "GIVEN", "g"));
    assertThat(spec.cache())
        .isEqualTo(new BuildSpec.Cache(true, List.of(), true, false, List.of(), List.of()));
    assertThat(spec.steps().limits().memoryBytes()).isEqualTo(1 << 20);
    assertThat(printed()).isEmpty();
  }

  @Test
  void whatIsNotCarriedOutIsWarnedOf() {
    endpoints.services(request(Map.of("provenance", "true", "builder", "x"), "api"), progress);
    progress.flush();
    assertThat(told)
        .contains(
            Map.of("warning", "--provenance is not carried out"),
            Map.of("warning", "--builder is not carried out"));
  }

  @Test
  void printAndCheckBuildNothing() {
    endpoints.services(request(Map.of("print", true), "web"), progress);
    assertThat(String.valueOf(printed().getFirst()))
        .contains("\"context\": \"" + folder.resolve("web") + "\"");
    endpoints.services(request(Map.of("check", true)), progress);
    assertThat(printed()).last().isEqualTo("Check complete, no warnings found.");
    findings.add("Dockerfile:1:1: odd");
    assertThatThrownBy(() -> endpoints.services(request(Map.of("check", true), "web"), progress))
        .hasMessage("Check complete, 1 warning has been found!");
    assertThat(printed()).last().isEqualTo("Dockerfile:1:1: odd");
    assertThat(built).isEmpty();
  }

  @Test
  void aFolderInThePlaceOfAServiceIsAnsweredByTheOtherCommand() {
    assertThatThrownBy(() -> endpoints.services(request(Map.of(), "folder"), progress))
        .isInstanceOf(JcomposeException.NotFound.class)
        .hasMessageContaining("a folder is built by `jcompose image build folder`");
  }

  @Test
  void whatWasBuiltIsInTheResult() {
    endpoints.image(request(Map.of("tag", List.of("app")), "web"), progress);
    assertThat(built).extracting(BuildSpec::context).containsExactly(folder.resolve("web") + "");
    assertThat(told)
        .last()
        .isEqualTo(
            Map.of(
                "exitCode",
                0,
                "imageId",
                "sha256:app",
                "digest",
                "sha256:app",
                "names",
                "docker.io/library/app:latest"));
  }

  @Test
  void whatIsPushedHasAName() {
    assertThatThrownBy(() -> endpoints.image(request(Map.of("push", true), "web"), progress))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessageContaining("tag is needed when pushing");
    assertThat(built).isEmpty();
  }

  @Test
  void theTimeThatTheCallersEnvironmentSaysReachesTheBuild() {
    CommandRequest request =
        CommandRequest.parse(
            JsonText.of(
                    Map.of(
                        "cwd", folder + "",
                        "env", Map.of("SOURCE_DATE_EPOCH", "7"),
                        "arguments", List.of("web")))
                .getBytes(StandardCharsets.UTF_8));
    assertThat(BuildEndpoints.spec(request).args()).isEqualTo(Map.of("SOURCE_DATE_EPOCH", "7"));
  }

  @Test
  void anotherCallIsRefused() {
    assertThatThrownBy(() -> endpoints.image(request(Map.of("call", "outline"), "web"), progress))
        .isInstanceOf(JcomposeException.NotSupported.class)
        .hasMessageContaining("--call outline");
    endpoints.image(request(Map.of("call", "check"), "web"), progress);
    assertThat(built).isEmpty();
  }
}
