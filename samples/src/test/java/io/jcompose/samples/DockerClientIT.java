package io.jcompose.samples;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real {@code docker} command line over the engine's socket, on a project that runs. */
class DockerClientIT {
  private static final String PROJECT =
      """
      services:
        web:
          image: busybox
          command: sh -c 'echo out; echo err >&2; exec sleep 100000'
          stop_signal: SIGKILL
          labels: {what: looked-at}
          ports: ["18080:80"]
          volumes: ["data:/data"]
        job:
          image: busybox
          command: sh -c 'trap "exit 5" USR1; echo began; while true; do sleep 0.1; done'
          stop_signal: SIGKILL
      volumes: {data: {}}
      """;

  @TempDir static Path root;
  private static RealDocker docker;
  private static Path folder;

  @BeforeAll
  static void open() throws Exception {
    docker = RealDocker.require(root);
    folder = Files.createDirectory(root.resolve("seen"));
    Files.writeString(folder.resolve("compose.yaml"), PROJECT);
    docker.stage().ok(folder, "up", "-d");
  }

  @AfterAll
  static void leavesNothing() throws Exception {
    if (docker != null) {
      docker.stage().ok(folder, "down", "-v");
      docker.stage().close();
    }
  }

  private static String shell(String script) throws Exception {
    return docker.shell(folder, script);
  }

  @Test
  void listsAreThoseOfTheProject() throws Exception {
    assertThat(
            shell(
                """
                docker ps --filter label=what=looked-at --format '{{.Names}} {{.Image}} {{.State}}'
                docker ps -aq --filter status=exited
                docker ps --filter publish=80 --format '{{.Ports}} {{.Networks}} {{.LocalVolumes}}'
                docker images --format '{{.Repository}}:{{.Tag}}'
                docker network ls --filter name=seen --format '{{.Name}} {{.Driver}}'
                docker volume ls -q --filter label=com.docker.compose.project=seen
                docker system df --format '{{.Type}} {{.TotalCount}}' | head -2
                docker info --format '{{.ContainersRunning}} {{.OSType}}'
                """))
        .isEqualTo(
            """
            seen-web-1 busybox running
            0.0.0.0:18080->80/tcp, [::]:18080->80/tcp seen_default 1
            busybox:latest
            seen_default bridge
            seen_data
            Images 1
            Containers 2
            2 linux
            """);
  }

  @Test
  void containersAreDrivenAndWatched() throws Exception {
    assertThat(
            shell(
                """
                until docker logs seen-web-1 2>&1 | grep -q err; do sleep 0.05; done
                docker logs seen-web-1 2>/dev/null
                docker logs seen-web-1 2>&1 >/dev/null
                docker stats --no-stream --format '{{.Name}} {{.PIDs}}' seen-web-1
                docker top seen-web-1 | tail -1 | grep -o 'sleep.*'
                docker pause seen-web-1; docker ps --format '{{.State}}' -f name=seen-web
                docker unpause seen-web-1; docker stop seen-web-1
                docker start seen-web-1; docker restart -t 0 seen-web-1
                docker rename seen-web-1 other; docker rename other seen-web-1
                docker logs -f seen-web-1 >followed 2>&1 & docker wait seen-web-1 &
                docker kill seen-web-1 >/dev/null; wait
                docker events --since 1h --until $(($(date +%s) + 1)) --filter container=seen-web-1 \
                    --filter event=restart --format '{{.Action}}'
                docker kill seen-web-1 2>&1 | grep -o 'is not running'
                docker start seen-web-1
                """))
        .isEqualTo(
            """
            out
            err
            seen-web-1 1
            sleep 100000
            seen-web-1
            paused
            seen-web-1
            seen-web-1
            seen-web-1
            seen-web-1
            137
            restart
            is not running
            seen-web-1
            """);
  }

  @Test
  void programsRunInContainers() throws Exception {
    assertThat(
            shell(
                """
                docker exec seen-job-1 sh -c 'echo o; echo e >&2; exit 4' 2>&1; echo $?
                docker exec seen-job-1 nosuch 2>&1 | grep -o 'executable file not found'
                docker exec seen-job-1 nosuch >/dev/null 2>&1; echo $?
                echo typed | docker exec -i seen-job-1 cat
                docker exec -e A=b -w /tmp -u 1 seen-job-1 sh -c 'echo $A $PWD; id -u'
                head -c 3000000 /dev/zero | docker exec -i seen-job-1 cat | wc -c
                docker exec -d seen-job-1 touch /made; docker exec seen-job-1 ls /made
                docker exec seen-nobody-1 true 2>&1 | tail -1
                docker kill seen-job-1; docker exec seen-job-1 true 2>&1 | grep -o 'is not running'
                docker start -a seen-job-1 >began &
                until grep -q began began; do sleep 0.05; done
                docker exec seen-job-1 kill -USR1 1; wait $!; echo $?
                docker start seen-job-1
                """))
        .isEqualTo(
            """
            o
            e
            4
            executable file not found
            127
            typed
            b /tmp
            1
            3000000
            /made
            Error response from daemon: No such container: seen-nobody-1
            seen-job-1
            is not running
            5
            seen-job-1
            """);
  }

  @Test
  void filesAndImagesAreMoved() throws Exception {
    assertThat(
            shell(
                """
                echo hello >f; docker cp -q f seen-web-1:/tmp/
                docker cp -q seen-web-1:/tmp/f g; cat g
                docker cp seen-web-1:/tmp - | tar t
                docker cp seen-web-1:/nosuch . 2>&1 | grep -o 'Could not find the file /nosuch'
                docker export seen-web-1 | tar t tmp/f
                docker commit -m told seen-web-1 committed:1 | cut -c1-7
                docker tag committed:1 127.0.0.1:5000/committed:2
                docker push -q 127.0.0.1:5000/committed:2
                docker rmi 127.0.0.1:5000/committed:2 committed:1 | grep -c Untagged
                docker pull 127.0.0.1:5000/committed:2 | grep -o 'Downloaded newer image'
                docker save 127.0.0.1:5000/committed:2 >saved; docker rmi 127.0.0.1:5000/committed:2 >gone
                docker load <saved; docker rmi 127.0.0.1:5000/committed:2 | grep -c Untagged
                docker pull 127.0.0.1:5000/nosuch 2>&1 | grep -o 'manifest unknown'
                docker volume create --label a=b own; docker volume inspect -f '{{.Labels}}' own
                docker volume rm own; docker volume rm seen_data 2>&1 | grep -o 'volume is in use'
                docker network rm seen_default 2>&1 | grep -o 'has active endpoints'
                """))
        .isEqualTo(
            """
            hello
            tmp/
            tmp/f
            Could not find the file /nosuch
            tmp/f
            sha256:
            127.0.0.1:5000/committed:2
            2
            Downloaded newer image
            Loaded image: 127.0.0.1:5000/committed:2
            1
            manifest unknown
            own
            map[a:b]
            own
            volume is in use
            has active endpoints
            """);
  }

  @Test
  void whatIsShownIsWhatThereIs() throws Exception {
    assertThat(
            shell(
                """
                docker inspect -f '{{.State.Status}} {{index .Config.Labels "what"}}' seen-web-1
                docker image inspect -f '{{.Config.Cmd}}' busybox
                docker network inspect -f '{{len .Containers}} {{.Driver}}' seen_default
                docker volume inspect -f '{{.Name}} {{.Driver}}' seen_data
                docker history -q busybox | head -1 | wc -c
                docker inspect nosuch 2>&1 | tail -1
                docker node ls 2>&1 | grep -o 'not a swarm manager'
                """))
        .isEqualTo(
            """
            running looked-at
            [sh]
            2 bridge
            seen_data local
            13
            Error: No such object: nosuch
            not a swarm manager
            """);
  }
}
