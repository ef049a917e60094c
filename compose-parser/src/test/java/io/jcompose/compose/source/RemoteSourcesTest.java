package io.jcompose.compose.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.compose.Artifacts;
import io.jcompose.compose.Artifacts.Artifact;
import io.jcompose.compose.Artifacts.Layer;
import io.jcompose.compose.LoadRequest;
import io.jcompose.compose.ProjectLoader;
import io.jcompose.compose.model.MountConfig;
import io.jcompose.compose.model.Project;
import io.jcompose.compose.model.Service;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.file.FileTrees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RemoteSourcesTest {
  private static final String YAML = "application/vnd.docker.compose.file+yaml";
  private static final String DIGEST = "sha256:" + "a".repeat(64);

  @TempDir Path dir;
  private Path repository;
  private Path work;

  @BeforeEach
  void makeFolders() throws IOException {
    repository = Files.createDirectory(dir.resolve("shop.git"));
    work = Files.createDirectory(dir.resolve("work"));
    git("init", "--quiet", "--initial-branch=main");
  }

  @Test
  void includesAFolderOfABranchWithItsOwnPaths() throws Exception {
    commit(
        "web/compose.yaml",
        "services: {web: {image: 'w:${TAG}', env_file: [a.env], volumes: ['./data:/d']}}");
    commit("web/a.env", "A=1");
    commit("web/.env", "TAG=7");
    Project project =
        load("include: ['" + url() + "#main:web']\nservices: {own: {image: x}}", Artifacts.NONE);
    Service web = project.service("web");
    assertThat(web.source().image()).isEqualTo("w:7");
    assertThat(web.process().environment()).containsEntry("A", "1");
    assertThat(((MountConfig.Bind) web.storage().mounts().getFirst()).source())
        .startsWith(dir.resolve("cache/jcompose/git").toString())
        .endsWith("/web/data");
    assertThat(project.name()).isEqualTo("work");
  }

  @Test
  void fetchesWhatTheReferenceNamesAndKeepsItByCommit() throws Exception {
    commit("compose.yaml", "services: {a: {image: one}}");
    git("tag", "-a", "-m", "first", "v1");
    String first = git("rev-parse", "HEAD").strip();
    commit("compose.yaml", "services: {a: {image: two}}");
    assertThat(imageOf(url())).isEqualTo("two");
    assertThat(imageOf(url() + "#main")).isEqualTo("two");
    assertThat(imageOf(url() + "#v1")).isEqualTo("one");
    FileTrees.delete(repository);
    assertThat(imageOf(url() + "#" + first + ":compose.yaml")).isEqualTo("one");
    try (var made = Files.list(dir.resolve("cache/jcompose/git"))) {
      assertThat(made).hasSize(2);
    }
  }

  private String imageOf(String file) {
    Project project = loader(Artifacts.NONE).load(request().withFiles(List.of(file)));
    assertThat(project.name()).isEqualTo("shop");
    return project.service("a").source().image();
  }

  @Test
  void extendsAServiceOfARepository() throws Exception {
    commit("base.yaml", "services: {b: {image: x, build: ./ctx}}");
    Project project =
        load(
            "services: {a: {extends: {file: '" + url() + "#:base.yaml', service: b}}}",
            Artifacts.NONE);
    assertThat(project.service("a").source().build().context()).endsWith("/ctx").startsWith("/");
  }

  @Test
  void tellsWhichRefIsMissing() throws Exception {
    commit("compose.yaml", "services: {a: {image: one}}");
    assertThat(error("include: ['" + url() + "#nope']"))
        .startsWith("compose.yaml:1:11: include: failed to fetch " + url() + "#nope: ")
        .contains("has no branch or tag \"nope\"");
    assertThat(error("include: ['" + url() + "#:sub']")).contains("there is no file sub there");
  }

  @Test
  void problemsOfAFetchedFileNameWhoIncludedIt() throws Exception {
    commit("compose.yaml", "services:\n  a: {imag: x}\n");
    assertThat(error("include: ['" + url() + "']"))
        .contains("compose.yaml:2:7: services.a: additional properties 'imag' not allowed")
        .contains("\n    included at compose.yaml:1:11");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://host/x.git#--upload-pack=touch",
        "https://host/x.git#main:../../etc",
        "https://host/x.git#main:.git",
        "ssh://-oProxyCommand=touch/x.git",
        "ssh://u@-oProxyCommand=touch/x.git",
        "git@-oProxyCommand=touch:x",
        "git@host:-x",
        "ext::sh -c touch",
        "ext::sh://x.git",
        "https://host/compose.yaml",
        "file:///etc/x.git"
      })
  void refusesHostileReferences(String reference) throws IOException {
    Files.writeString(work.resolve("compose.yaml"), "include: ['" + reference + "']");
    ProjectLoader loader = new ProjectLoader();
    assertThatThrownBy(() -> loader.load(request()))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .message()
        .containsAnyOf("invalid git", "invalid folder", "only git repositories");
  }

  @Test
  void refusesBuildContextsThatAreOptions() throws IOException {
    assertThat(error("services: {a: {build: 'https://h/x.git#--foo'}}"))
        .contains("invalid build context: invalid git reference");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "services: {a: {image: x, env_file: ../../../../../secret}}",
        "services: {a: {image: x, env_file: /etc/passwd}}",
        "services: {a: {image: x, label_file: link}}",
        "services: {a: {image: x, build: ../..}}",
        "services: {a: {image: x, volumes: ['./up/x:/x']}}",
        "services: {a: {extends: {service: b, file: link}}}",
        "include: [../../other.yaml]",
        "include: [{path: other.yaml, project_directory: /}]",
        "include: [{path: other.yaml, project_directory: ../../../../..}]",
        "include: [{path: other.yaml, project_directory: up}]"
      })
  void refusesPathsThatLeaveARepository(String yaml) throws Exception {
    Files.createSymbolicLink(repository.resolve("link"), Path.of("/etc/passwd"));
    Files.createSymbolicLink(repository.resolve("up"), Path.of("../../.."));
    Files.writeString(repository.resolve("other.yaml"), "services: {b: {image: 'x:${SECRET}'}}");
    commit("compose.yaml", yaml);
    assertThat(error("include: ['" + url() + "']")).contains("leads out of the folder");
  }

  @Test
  void refusesAnEnvFileThatIsALink() throws Exception {
    Files.createSymbolicLink(repository.resolve(".env"), Path.of("/etc/passwd"));
    commit("compose.yaml", "services: {a: {image: x}}");
    assertThat(error("include: ['" + url() + "']")).contains(".env leads out of the folder");
    assertThatThrownBy(() -> loader(Artifacts.NONE).load(request().withFiles(List.of(url()))))
        .hasMessageContaining(".env leads out of the folder");
  }

  @Test
  void refusesALinkInPlaceOfTheFile() throws Exception {
    Files.createSymbolicLink(repository.resolve("compose.yaml"), Path.of("/etc/passwd"));
    commit("x", "");
    assertThat(error("include: ['" + url() + "']")).contains("leads out of the repository");
  }

  @Test
  void includesAPublishedProject() throws Exception {
    List<String> asked = new ArrayList<>();
    Artifacts artifacts =
        reference -> {
          asked.add(reference);
          return new Artifact(
              DIGEST,
              "application/vnd.docker.compose.project",
              List.of(
                  layer(
                      "services: {a: {extends: {file: base.yaml, service: b}, env_file: e.env}}",
                      Map.of("com.docker.compose.file", "compose.yaml")),
                  layer(
                      "services: {a: {command: top}}",
                      Map.of("com.docker.compose.file", "compose.override.yaml")),
                  layer(
                      "services: {b: {image: base}}",
                      Map.of(
                          "com.docker.compose.extends", "true",
                          "com.docker.compose.file", "base.yaml")),
                  new Layer(
                      "application/vnd.docker.compose.envfile",
                      Map.of("com.docker.compose.envfile", "e.env"),
                      "K=v")));
        };
    Service a = load("include: ['oci://reg/me/shop:1']", artifacts).service("a");
    assertThat(asked).containsExactly("reg/me/shop:1");
    assertThat(a.source().image()).isEqualTo("base");
    assertThat(a.process().command()).containsExactly("top");
    assertThat(a.process().environment()).containsEntry("K", "v");
  }

  @Test
  void refusesArtifactsThatAreNoProjectsOrNameForeignFiles() throws Exception {
    String file = "include: ['oci://reg/x']";
    assertThat(error(file, ref -> new Artifact(DIGEST, "application/x", List.of())))
        .contains("is not a compose project OCI artifact, but application/x");
    Layer layer =
        layer("", Map.of("com.docker.compose.extends", "", "com.docker.compose.file", "../x"));
    assertThat(
            error(
                file,
                ref ->
                    new Artifact(DIGEST, "application/vnd.docker.compose.project", List.of(layer))))
        .contains("names a file outside of it: ../x");
    assertThat(error(file)).contains("there is no registry client here to fetch oci://reg/x");
  }

  private static Layer layer(String text, Map<String, String> annotations) {
    return new Layer(YAML, annotations, text);
  }

  private String error(String yaml) throws IOException {
    return error(yaml, Artifacts.NONE);
  }

  private String error(String yaml, Artifacts artifacts) throws IOException {
    try {
      load(yaml, artifacts);
    } catch (JcomposeException e) {
      return String.valueOf(e.getMessage());
    }
    return "";
  }

  private Project load(String yaml, Artifacts artifacts) throws IOException {
    Files.writeString(work.resolve("compose.yaml"), yaml);
    return loader(artifacts).load(request());
  }

  private static ProjectLoader loader(Artifacts artifacts) {
    return new ProjectLoader(artifacts, "file");
  }

  private LoadRequest request() {
    return LoadRequest.of(work, Map.of("XDG_CACHE_HOME", dir.resolve("cache").toString()))
        .withFiles(List.of("compose.yaml"));
  }

  private String url() {
    return "file://" + repository;
  }

  private void commit(String file, String text) throws IOException, InterruptedException {
    Path path = repository.resolve(file);
    Files.createDirectories(path.getParent());
    if (!Files.isSymbolicLink(path)) {
      Files.writeString(path, text);
    }
    git("add", "-A");
    git("commit", "--quiet", "-m", "x");
  }

  private String git(String... words) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                "git", "-c", "user.name=t", "-c", "user.email=t@t", "-c", "commit.gpgsign=false"));
    command.addAll(List.of(words));
    Process process =
        new ProcessBuilder(command)
            .directory(repository.toFile())
            .redirectErrorStream(true)
            .start();
    String text = new String(process.getInputStream().readAllBytes());
    try {
      assertThat(process.waitFor()).as(text).isZero();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return text;
  }

  /** The engine has 64 MiB for all it does. */
  @Test
  void aServerThatListsMillionsOfReferencesIsReadToALimit() throws Exception {
    commit("compose.yaml", "services: {a: {image: one}}");
    String commit = git("rev-parse", "HEAD").strip();
    StringBuilder refs = new StringBuilder();
    for (int i = 10_000; i < 30_000; i++) {
      refs.append(commit).append(" refs/heads/a").append(i).append("/last\n");
    }
    refs.append(commit).append(" refs/heads/last\n");
    Files.writeString(repository.resolve(".git/packed-refs"), refs);
    assertThat(imageOf(url() + "#main")).isEqualTo("one");
    assertThatThrownBy(() -> imageOf(url() + "#last"))
        .hasMessageContaining("has no branch or tag \"last\"");
  }
}
