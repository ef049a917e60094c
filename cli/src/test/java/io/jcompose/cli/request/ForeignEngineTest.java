package io.jcompose.cli.request;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.cli.command.Commands;
import io.jcompose.cli.command.Invocation;
import io.jcompose.cli.local.FilesForEngine;
import io.jcompose.cli.terminal.StandardInput;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an engine on another host gets of its caller's. */
class ForeignEngineTest {
  @TempDir Path folder;

  private Map<String, Object> members(String compose) throws Exception {
    Files.writeString(folder.resolve("compose.yaml"), compose);
    Map<String, Object> members = new HashMap<>();
    members.put("cwd", folder.toString());
    members.put("arguments", List.of("web"));
    FilesForEngine.add(members, Map.of("TAG", "1"), folder.resolve("none.json"));
    return members;
  }

  @Test
  void getsTheVariablesThatFilesAndWordsNameAndNoOthers() throws Exception {
    Map<String, Object> members =
        members("services: {web: {image: 'a:${TAG}', environment: [BARE]}}");
    members.put("options", Map.of("env", List.of("WORD")));
    Map<String, String> env = new HashMap<>();
    for (String name : List.of("TAG", "BARE", "WORD", "HOME", "COMPOSE_PROFILES", "AWS_SECRET")) {
      env.put(name, "value of " + name);
    }
    members.put("env", env);
    assertThat(VariablesForEngine.of(env, members))
        .containsOnlyKeys("TAG", "BARE", "WORD", "HOME", "COMPOSE_PROFILES");
  }

  @Test
  void namesAreFoundInFilesOfTwoBytesALetter() {
    byte[] text = "${TAG}".getBytes(StandardCharsets.UTF_16);
    Map<String, Object> file = Map.of("content", Base64.getEncoder().encodeToString(text));
    Map<String, Object> members = Map.of("sources", Map.of("files", Map.of("/x", file)));
    assertThat(VariablesForEngine.of(Map.of("TAG", "1", "OTHER", "2"), members))
        .containsOnlyKeys("TAG");
  }

  @Test
  void getsTheLoginsOfTheFilesImagesWhateverItAsksFor() throws Exception {
    Object named =
        members(
                """
                services:
                  web: {image: 'one.test/a:${TAG}'}
                  db: {image: busybox, profiles: [more]}
                  odd: {image: ':::'}
                """)
            .get(FilesForEngine.REGISTRIES);
    assertThat(NeededLogins.ofImages(List.of("ghcr.io", "docker.io", "one.test"), named))
        .containsExactly("docker.io", "one.test");
    assertThat(NeededLogins.ofImages(List.of("ghcr.io"), null)).isEmpty();
  }

  @Test
  void getsNoLoginOfWhereFilesArePublished() throws Exception {
    Files.writeString(
        folder.resolve("config.json"),
        "{\"auths\": {\"reg.test\": {\"username\": \"joe\", \"password\": \"p\"}}}");
    assertThat(loginsFor("ssh://box")).isNull();
    assertThat(loginsFor("/run/here.sock")).containsOnlyKeys("reg.test");
  }

  private @Nullable Map<String, Object> loginsFor(String host) {
    Invocation invocation =
        new Invocation(
            Objects.requireNonNull(Commands.find("up")),
            Map.of(),
            Map.of(),
            List.of(),
            Map.of("JCOMPOSE_HOST", host, "DOCKER_CONFIG", folder.toString()),
            new StandardInput());
    return CallerLogins.ofPublished(invocation, List.of("oci://reg.test/app:1"));
  }

  @Test
  void noPathOfAFileEndsTheCommand() throws Exception {
    assertThat(
            members(
                """
                services: {web: {image: a, volumes: ["/a\\0b:/c", {type: bind, source: "/d\\0", target: /e}]}}
                secrets: {s: {file: "/f\\0"}}
                """))
        .containsKey("sources");
  }
}
