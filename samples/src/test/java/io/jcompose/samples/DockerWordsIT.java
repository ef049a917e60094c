package io.jcompose.samples;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.samples.Commands.Result;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** This program called {@code docker}, where no other is, takes docker's words. */
class DockerWordsIT {
  @TempDir static Path root;
  private static Stage stage;
  private static Path folder;

  @BeforeAll
  static void open() throws Exception {
    Path links = Files.createDirectory(root.resolve("bin"));
    Files.createSymbolicLink(
        links.resolve("docker"), Stage.HOME.resolve("dist/jcompose/bin/jcompose"));
    stage = new Stage(root, Map.of("PATH", links + ":" + System.getenv("PATH")));
    folder = Files.createDirectory(root.resolve("folder"));
  }

  @AfterAll
  static void leavesNothing() throws Exception {
    if (stage != null) {
      stage.shell(folder, "$J network prune -f; rm -f ../bin/docker");
      stage.close();
    }
  }

  private static String shell(String script) throws Exception {
    return stage.shell(folder, script);
  }

  @Test
  void programsRunOnce() throws Exception {
    assertThat(
            shell(
                """
                docker rmi -f busybox >/dev/null 2>&1
                docker run --rm busybox echo hello 2>told; grep -c "^Unable to find image 'busybox:latest' locally" told
                docker run --rm busybox sh -c 'echo out; echo err >&2; exit 7' >out 2>err; echo $?
                cat err out
                docker run --rm busybox nosuch 2>&1 | grep -o 'executable file not found'
                docker run --rm busybox nosuch >/dev/null 2>&1; echo $?
                docker run --rm busybox /etc/passwd >/dev/null 2>&1; echo $?
                docker run --rm -v /a:m busybox true 2>/dev/null; echo $?
                echo typed | docker run --rm -i busybox cat
                head -c 3000000 /dev/zero | docker run --rm -i busybox cat | wc -c
                printf 'A=1\\n' >env; docker run --rm --env-file env -e B=2 busybox sh -c 'echo $A$B'
                docker run --cidfile id busybox true; docker inspect -f '{{.State.Status}}' $(cat id)
                docker run --cidfile id busybox true 2>/dev/null; echo $?
                docker rm $(cat id) | wc -c
                docker run --rm -w /tmp -u 1:2 -h name --read-only --tmpfs /t:size=1m -m 64m busybox \\
                    sh -c 'touch /t/a; echo $PWD $(hostname) $(id -u)'
                docker ps -aq | wc -l
                """))
        .isEqualTo(
            """
            hello
            1
            7
            err
            out
            executable file not found
            127
            126
            125
            typed
            3000000
            12
            exited
            125
            65
            /tmp name 1
            0
            """);
  }

  @Test
  void containersLiveAndAreLookedInto() throws Exception {
    assertThat(
            shell(
                """
                docker network create own | wc -c
                docker run -d --name one --network own --network-alias other -p 127.0.0.1:18093:80 -v made:/www \\
                    busybox sh -c 'echo page >/www/index.html; exec httpd -f -p 80 -h /www' | wc -c
                until wget -qO- 127.0.0.1:18093 2>/dev/null; do sleep 0.05; done
                docker ps --format '{{.Names}} {{.Image}} {{.Ports}}'
                docker exec one cat /www/index.html
                docker exec -e A=b -w /tmp one sh -c 'echo $A $PWD; exit 4'; echo $?
                docker container run --rm --network own busybox wget -qO- http://other/
                docker cp one:/www/index.html - | tar tf -
                docker update -m 100m one
                docker inspect -f '{{.HostConfig.Memory}}' one
                docker network disconnect own one; docker network connect own one
                docker stop -t 0 one; docker start one; docker kill one; docker wait one
                docker logs nosuch; echo $?
                docker rename one uno; docker rm uno; docker volume rm made; docker network rm own
                docker create --name later -i busybox cat | wc -c
                echo late | docker start -ai later; docker rm later
                """))
        .isEqualTo(
            """
            65
            65
            page
            one busybox 127.0.0.1:18093->80/tcp
            page
            b /tmp
            4
            page
            index.html
            one
            104857600
            one
            one
            one
            137
            1
            uno
            made
            own
            65
            late
            later
            """);
  }

  @Test
  void wordsMeanContainersAndNoServices() throws Exception {
    Files.writeString(
        folder.resolve("compose.yaml"),
        "services: {web: {image: busybox, command: sleep 1000, stop_signal: KILL}}\n");
    assertThat(
            shell(
                """
                docker compose --progress quiet up -d
                docker exec web true 2>&1; echo $?
                docker exec folder-web-1 echo inside
                docker stop web 2>&1; echo $?
                docker ps --format '{{.Names}}'
                docker compose exec -T web echo service
                docker compose --progress quiet down -t 0
                """))
        .isEqualTo(
            """
            Error response from daemon: No such container: web
            1
            inside
            Error response from daemon: No such container: web
            1
            folder-web-1
            service
            """);
    Files.delete(folder.resolve("compose.yaml"));
  }

  @Test
  void aTerminalIsTheProgramsAndGivenBack() throws Exception {
    assertThat(
            shell(
                """
                docker run -it --rm busybox true; echo $?
                script -qec 'docker run -it --rm busybox tty' /dev/null | grep -o '/dev/pts/0'
                docker run -d --name two -it busybox sh | wc -c
                { sleep 1; printf 'echo a$((1+1))b\\n'; sleep 1; printf '\\020\\021'; } |
                    script -qec 'docker attach two' /dev/null | grep -c a2b
                docker inspect -f '{{.State.Status}}' two
                script -qec 'stty rows 33 cols 77; docker exec -it two stty size' /dev/null | grep -o '33 77'
                { sleep 1; printf '\\020\\021'; sleep 1; } |
                    script -qec 'docker run -it --name three busybox sh' /dev/null >/dev/null; echo $?
                docker inspect -f '{{.State.Status}}' three
                docker rm -f two three
                """))
        .isEqualTo(
            """
            1
            /dev/pts/0
            65
            1
            running
            33 77
            0
            running
            two
            three
            """);
  }

  @Test
  void signalsArePassedOn() throws Exception {
    assertThat(
            shell(
                """
                docker run --name three busybox sh -c 'trap "echo caught; exit 3" TERM; echo ready; while :; do sleep 0.1; done' >out &
                run=$!
                until grep -q ready out; do sleep 0.05; done
                kill -TERM $run; wait $run; echo $?
                tail -1 out; docker rm three
                """))
        .isEqualTo(
            """
            3
            caught
            three
            """);
  }

  @Test
  void theRealDockerTakesItForItsCompose() throws Exception {
    Result result =
        stage.tried(
            folder,
            """
            "$J" docker-cli-plugin-metadata
            DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND=docker "$J" --log-level info compose version --short
            """);
    assertThat(result.out().lines().toList())
        .hasSize(2)
        .first()
        .asString()
        .startsWith("{\"SchemaVersion\":\"0.1.0\",\"Vendor\":\"jcompose\",\"Version\":\"v");
    assertThat(result.exitCode()).isZero();
  }
}
