package io.jcompose.samples;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real {@code docker} command line makes containers, networks and stacks with our engine. */
class DockerRunIT {
  private static final String PROJECT =
      """
      services:
        db:
          image: busybox
          command: sh -c 'echo ready >/data/state; exec httpd -f -p 80 -h /data'
          stop_signal: SIGKILL
          volumes: ["data:/data"]
          healthcheck: {test: wget -qO- localhost/state, interval: 100ms}
        web:
          image: busybox
          command: sh -c 'wget -qO- db/state; exec sleep 100000'
          stop_signal: SIGKILL
          depends_on: {db: {condition: service_healthy}}
          environment: {COLOR: blue}
          ports: ["18081:80"]
      volumes: {data: {}}
      """;

  @TempDir static Path root;
  private static RealDocker docker;
  private static Path folder;

  @BeforeAll
  static void open() throws Exception {
    docker = RealDocker.require(root);
    folder = Files.createDirectory(root.resolve("stack"));
    Files.writeString(folder.resolve("compose.yaml"), PROJECT);
    docker.shell(folder, "$J image pull -q busybox");
  }

  @AfterAll
  static void leavesNothing() throws Exception {
    if (docker != null) {
      docker.shell(folder, "$J network prune -f"); // of the one that all share
      docker.stage().close();
    }
  }

  private static String shell(String script) throws Exception {
    return docker.shell(folder, script);
  }

  @Test
  void programsRunOnce() throws Exception {
    assertThat(
            shell(
                """
                docker run --rm busybox echo hello
                docker run --rm busybox sh -c 'echo out; echo err >&2; exit 7' >out 2>err; echo $?
                cat err out
                docker run --rm busybox nosuch 2>&1 | grep -o 'executable file not found'
                docker run --rm busybox nosuch >/dev/null 2>&1; echo $?
                echo typed | docker run --rm -i busybox cat
                head -c 3000000 /dev/zero | docker run --rm -i busybox cat | wc -c
                docker run --rm -e A=b -w /tmp -u 1:2 -h name busybox sh -c 'echo $A $PWD $(hostname); id'
                docker run --rm --read-only --tmpfs /t busybox sh -c 'touch /t/a && touch /a'; echo $?
                docker run --rm --memory 64m --pids-limit 50 --cpus 1.5 busybox \
                    sh -c 'cat /sys/fs/cgroup/memory/memory.limit_in_bytes || cat /sys/fs/cgroup/memory.max' 2>/dev/null
                docker run --rm --entrypoint echo busybox entry point
                docker run --rm --network none busybox ip -o link | wc -l
                docker ps -aq | wc -l
                """))
        .isEqualTo(
            """
            hello
            7
            err
            out
            executable file not found
            127
            typed
            3000000
            b /tmp name
            uid=1 gid=2 groups=2
            1
            67108864
            entry point
            1
            0
            """);
  }

  @Test
  void oneThatGoesWithItsEndIsRestartedAndStoppedByAnySignal() throws Exception {
    assertThat(
            shell(
                """
                docker run -d --rm --name once busybox sh -c 'trap "exit 5" INT; while :; do sleep 0.05; done' | wc -c
                docker restart -t 5 -s INT once
                docker inspect -f '{{.State.Status}} {{.NetworkSettings.IPAddress}}' once | sed 's/[0-9.]*$/ADDRESS/'
                docker network inspect -f '{{.Driver}}' host none
                docker stop -s KILL -t 30 once
                until [ "$(docker ps -aq | wc -l)" = 0 ]; do sleep 0.05; done
                """))
        .isEqualTo(
            """
            65
            once
            running ADDRESS
            host
            null
            once
            """);
  }

  @Test
  void containersStayAndAreRemoved() throws Exception {
    assertThat(
            shell(
                """
                docker run -d --name kept -l a=b -p 127.0.0.1:18082:80 -v made:/www --restart on-failure \
                    busybox sh -c 'echo page >/www/index.html; exec httpd -f -p 80 -h /www' | wc -c
                until wget -qO- 127.0.0.1:18082 2>/dev/null; do sleep 0.05; done
                docker port kept
                docker inspect -f '{{.HostConfig.RestartPolicy.Name}} {{.Config.Labels.a}}' kept
                docker inspect -f '{{.HostConfig.NetworkMode}} {{range .Mounts}}{{.Name}}{{end}}' kept
                docker run --rm --volumes-from kept:ro busybox cat /www/index.html
                docker run --rm --network container:kept busybox wget -qO- localhost
                docker update --memory 100m --restart no kept
                docker inspect -f '{{.HostConfig.Memory}} {{.HostConfig.RestartPolicy.Name}}' kept
                docker run --name kept busybox true 2>&1 | grep -o 'is already in use'
                docker rm kept 2>&1 | grep -o 'container is running'
                docker rm -f kept
                docker volume prune -f | tail -1
                docker volume prune -af | grep made
                docker create --name later -i busybox cat | wc -c
                echo late | docker start -ai later
                docker container prune -f --filter label=none | tail -1
                docker container prune -f | wc -l
                docker run nosuch:image 2>&1 | grep -o "Unable to find image 'nosuch:image' locally"
                docker network prune -f
                docker ps -aq | wc -l
                """))
        .isEqualTo(
            """
            65
            page
            80/tcp -> 127.0.0.1:18082
            on-failure b
            bridge made
            page
            page
            kept
            104857600 no
            is already in use
            container is running
            kept
            Total reclaimed space: 0B
            made
            65
            late
            Total reclaimed space: 0B
            4
            Unable to find image 'nosuch:image' locally
            0
            """);
  }

  @Test
  void networksAreMadeAndNamesFound() throws Exception {
    assertThat(
            shell(
                """
                docker network create --subnet 10.99.0.0/24 --label k=v own | wc -c
                docker network create own 2>&1 | grep -o 'already exists'
                docker run -d --name srv --network own --network-alias other --ip 10.99.0.9 busybox \
                    httpd -f -p 80 | wc -c
                docker run --rm --network own busybox nslookup -type=a other | grep -o 10.99.0.9
                docker run --rm --network own busybox ping -c 1 srv | grep -c '0% packet loss'
                docker network inspect -f '{{range .Containers}}{{.Name}} {{.IPv4Address}}{{end}}' own
                docker network rm own 2>&1 | grep -o 'has active endpoints'
                docker rm -f srv
                docker network prune -f --filter label=k=v | grep own
                """))
        .isEqualTo(
            """
            65
            already exists
            65
            10.99.0.9
            1
            srv 10.99.0.9/24
            has active endpoints
            srv
            own
            """);
  }

  @Test
  void imagesAreBuiltTheFormerWay() throws Exception {
    assertThat(
            shell(
                """
                export DOCKER_BUILDKIT=0
                cat >Dockerfile <<'EOF'
                FROM busybox
                ARG WHAT=nothing
                RUN <<END
                echo $WHAT >/made
                END
                CMD ["cat", "/made"]
                EOF
                docker build -t former --build-arg WHAT=something . 2>/dev/null | tail -1
                docker run --rm former
                docker build -t former --build-arg WHAT=something . 2>/dev/null | grep -c 'Using cache'
                printf 'FROM busybox\nRUN exit 9\n' | docker build - >/dev/null 2>told; echo $?
                grep -o 'Dockerfile:2:1: process "/bin/sh -c exit 9"' told
                docker rmi -f former | grep -c Untagged
                """))
        .isEqualTo(
            """
            Successfully tagged former:latest
            something
            1
            9
            Dockerfile:2:1: process "/bin/sh -c exit 9"
            1
            """);
  }

  @Test
  void networksAreConnectedWhileAContainerRuns() throws Exception {
    assertThat(
            shell(
                """
                docker network create first >/dev/null; docker network create second >/dev/null
                docker run -d --name mover --network first busybox sleep 1000 >/dev/null
                docker run -d --name there --network second busybox httpd -f -p 80 >/dev/null
                docker exec mover ping -c 1 -W 2 there >/dev/null 2>&1; echo $?
                docker network connect --alias moved second mover
                docker exec mover ping -c 1 -W 2 there >/dev/null 2>&1; echo $?
                docker exec there ping -c 1 moved | grep -c '0% packet loss'
                docker network connect second mover 2>&1 | grep -o 'already exists in network second'
                docker network disconnect second mover
                docker exec mover ping -c 1 -W 2 there >/dev/null 2>&1; echo $?
                docker exec mover ip -o link | wc -l
                docker rm -f mover there >/dev/null; docker network rm first second
                """))
        .isEqualTo(
            """
            1
            0
            1
            already exists in network second
            1
            2
            first
            second
            """);
  }

  @Test
  void theRealComposeRunsAStack() throws Exception {
    docker.requirePlugin("compose");
    assertThat(
            shell(
                """
                docker compose --progress quiet up -d --wait; echo $?
                docker compose ps --format '{{.Service}} {{.State}} {{.Health}}' | sort
                until docker compose logs --no-log-prefix web | grep ready; do sleep 0.05; done
                docker compose exec -T web sh -c 'echo $COLOR'
                docker compose run --rm -T web wget -qO- db/state
                docker compose --progress quiet up -d --scale web=1
                docker compose --progress quiet restart -t 0 web; docker compose ps -q | wc -l
                COLOR=red docker compose --progress quiet stop -t 0 web
                docker compose ps -a --format '{{.Service}} {{.State}}' | sort
                $J ls -a --format json | grep -o '"stack"'
                docker compose --progress quiet down -v; echo $?
                docker ps -aq | wc -l; docker volume ls -q | wc -l
                """))
        .isEqualTo(
            """
            0
            db running healthy
            web running\s
            ready
            blue
            ready
            2
            db running
            web exited
            "stack"
            0
            0
            0
            """);
  }

  @Test
  void composeOfTheRealDockerMayBeThisProgram() throws Exception {
    assertThat(
            shell(
                """
                mkdir -p plugins/cli-plugins; ln -s "$J" plugins/cli-plugins/docker-compose
                export DOCKER_CONFIG=plugins
                docker info --format '{{range .ClientInfo.Plugins}}{{if eq .Name "compose"}}{{.Vendor}}{{end}}{{end}}'
                docker compose version | cut -d' ' -f1
                docker -D compose --progress quiet -p plugged up -d db
                docker compose -p plugged ps --format '{{.Service}} {{.State}}'
                docker compose -p plugged exec -T db cat /data/state
                docker compose -p plugged --progress quiet down -v -t 0; echo $?
                rm -r plugins
                """))
        .isEqualTo(
            """
            jcompose
            jcompose
            db running
            ready
            0
            """);
  }
}
