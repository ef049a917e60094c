package io.jcompose.samples;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code docker build} and {@code docker compose build} as they are, by buildx and BuildKit. */
class DockerBuildIT {
  private static int folders;

  @TempDir static Path root;
  private static RealDocker docker;
  private Path folder;

  @BeforeAll
  static void open() throws Exception {
    docker = RealDocker.require(root);
    docker.requirePlugin("buildx");
    docker.stage().ok(root, "image", "pull", "busybox"); // which starts the engine
  }

  @BeforeEach
  void fresh() throws Exception {
    folder = Files.createDirectory(root.resolve("build" + folders++));
  }

  @AfterAll
  static void leavesNothing() throws Exception {
    if (docker != null) {
      docker.stage().ok(root, "network", "prune", "-f");
      docker.stage().close();
    }
  }

  private String shell(String script) throws Exception {
    return docker.shell(folder, script);
  }

  private void dockerfile(String text) throws Exception {
    Files.writeString(folder.resolve("Dockerfile"), text);
  }

  @Test
  void aContextItsIgnoreFileASecretAndArgumentsAreCarriedOut() throws Exception {
    dockerfile(
        """
        FROM busybox AS tools
        RUN echo made > /tool
        FROM busybox
        ARG V=0
        COPY --from=tools /tool /
        COPY . /app
        RUN --mount=type=secret,id=token test "$(cat /run/secrets/token)" = sesame && echo $V > /v
        """);
    Files.writeString(folder.resolve(".dockerignore"), "*.log\n");
    assertThat(
            shell(
                """
                mkdir -p sub && echo in >sub/file && echo no >a.log && ln -s sub/file link
                chmod 750 sub; printf sesame >.token
                docker build -q -t app:1 --build-arg V=7 --label l=m --secret id=token,src=.token . >../id
                docker run --rm app:1 sh -c 'cat /tool /v /app/link; ls /app; stat -c %a /app/sub'
                docker inspect --format '{{.Config.Labels.l}}' app:1
                docker build -q -t app:1 --build-arg V=7 --label l=m --secret id=token,src=.token . | cmp - ../id
                echo new >sub/file; docker build -q -t app:1 --secret id=token,src=.token . >/dev/null
                docker run --rm app:1 cat /app/sub/file
                """))
        .isEqualTo("made\n7\nin\nDockerfile\nlink\nsub\n750\nm\nnew\n");
  }

  @Test
  void aFailureShowsTheLineAndWhatWasPrinted() throws Exception {
    dockerfile("FROM busybox\nRUN echo before && exit 7\n");
    assertThat(shell("docker build --progress plain . 2>&1 || echo code $?"))
        .contains(
            "before\n",
            "   2 | >>> RUN echo before && exit 7\n",
            "process \"/bin/sh -c echo before && exit 7\" did not complete successfully: exit code: 7")
        .endsWith("code 1\n");
    dockerfile("FROM busybox\nNOTHING\n");
    assertThat(shell("docker build . 2>&1 || echo code $?"))
        .contains("   2 | >>> NOTHING", "unknown instruction: NOTHING")
        .endsWith("code 1\n");
  }

  @Test
  void contextsComeFromStandardInputToo() throws Exception {
    assertThat(
            shell(
                """
                echo A >a; printf 'FROM busybox\\nCOPY a /\\n' >Dockerfile
                tar c . | docker build -q -t in:1 - >/dev/null && docker run --rm in:1 cat /a
                printf 'FROM busybox\\nCOPY a /b\\n' | docker build -q -t in:2 -f - . >/dev/null
                docker run --rm in:2 cat /b
                printf 'FROM busybox\\nRUN echo C >/c\\n' | docker build -q -t in:3 - >/dev/null
                docker run --rm in:3 cat /c
                docker build -q -o type=tar,dest=out.tar . >/dev/null; tar xOf out.tar a
                docker build -q -o out . >/dev/null; cat out/a; test -L out/bin/ls || test -x out/bin/ls
                ls out | head -3; stat -c %a out/tmp
                """))
        .isEqualTo("A\nA\nC\nA\nA\na\nbin\netc\n1777\n");
  }

  @Test
  void dockerComposeBuildsServicesOnEachOther() throws Exception {
    docker.requirePlugin("compose");
    assertThat(
            shell(
                """
                mkdir lib web data; echo libfile >lib/f; echo d >data/d; echo w >web/w
                printf 'FROM busybox\\nCOPY f /f\\n' >lib/Dockerfile
                cat >compose.yaml <<X
                name: baked
                services:
                  lib: {image: lib, build: lib, command: "true"}
                  web:
                    image: web
                    build:
                      context: web
                      additional_contexts: {base: "service:lib", data: ./data}
                      dockerfile_inline: |
                        FROM base
                        COPY --from=data . /data
                        COPY w /w
                    command: cat /f /data/d /w
                X
                docker compose up --build -d >log 2>&1 || cat log
                docker compose wait web >/dev/null; docker compose logs --no-log-prefix web
                docker compose down 2>/dev/null
                """))
        .isEqualTo("libfile\nd\nw\n");
  }

  @Test
  void anAgentOfSshIsThere() throws Exception {
    dockerfile("FROM busybox\nRUN --mount=type=ssh test -S $SSH_AUTH_SOCK\n");
    assertThat(
            shell(
                """
                eval $(ssh-agent) >/dev/null
                ssh-keygen -q -t ed25519 -N '' -f key; ssh-add -q key
                docker build -q --no-cache --ssh default . >/dev/null; echo with $?
                docker build -q --no-cache . >/dev/null 2>&1; echo without $?
                kill $SSH_AGENT_PID
                """))
        .isEqualTo("with 0\nwithout 1\n");
  }

  @Test
  void aBuildThatIsInterruptedEndsItsStep() throws Exception {
    dockerfile("FROM busybox\nRUN sleep 87654\n");
    assertThat(
            shell(
                """
                docker build . >log 2>&1 & build=$!
                until pgrep -f '^sleep 87654' >/dev/null; do sleep 0.1; done
                kill -TERM $(pgrep -P $build); wait $build; echo code $?
                while pgrep -f '^sleep 87654' >/dev/null; do sleep 0.1; done
                docker builder prune -af >/dev/null; echo $?
                docker buildx du | grep Reclaimable | tr -s '\\t ' ' '
                """))
        .contains("code 1")
        .endsWith("0\nReclaimable: 0B\n");
  }
}
