package io.jcompose.scheduler.desired;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.compose.LoadRequest;
import io.jcompose.compose.ProjectLoader;
import io.jcompose.core.ContainerSpec.Ulimit;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Resources;
import io.jcompose.core.build.BuildSpec;
import io.jcompose.core.build.CachePlace;
import io.jcompose.scheduler.BuildOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServiceBuildsTest {
  @TempDir Path dir;
  private Map<String, String> env = Map.of();

  private ServiceBuilds builds(String yaml) throws IOException {
    Files.writeString(dir.resolve("compose.yaml"), yaml);
    return ServiceBuilds.of(
        new ProjectLoader().load(LoadRequest.of(dir, env).withFiles(List.of("compose.yaml"))));
  }

  private static List<BuildSpec> specs(ServiceBuilds builds, String... services) {
    return builds.specs(List.of(services), BuildOptions.DEFAULT);
  }

  @Test
  void saysAllOfASectionInTheEnginesWords() throws IOException {
    env = Map.of("KEY", "k1", "SSH_AUTH_SOCK", "/run/agent");
    BuildSpec spec =
        specs(
                builds(
                    """
                    name: shop
                    services:
                      web:
                        build:
                          context: app
                          dockerfile: Some.Dockerfile
                          target: run
                          args: {A: "1", KEY: null, NOT_SET: null}
                          labels: {x: y}
                          tags: [reg.test/web:2]
                          additional_contexts: {lib: ./lib, base: docker-image://alpine}
                          no_cache: true
                          pull: true
                          secrets: [token, {source: file, target: other}]
                          ssh: [default]
                          network: back
                          extra_hosts: [db:10.0.0.1]
                          shm_size: 1m
                          ulimits: {nofile: {soft: 1, hard: 2}}
                          platforms: [linux/arm64]
                          privileged: true
                        networks: [back]
                    networks: {back: {name: real}}
                    secrets: {token: {environment: KEY}, file: {file: key.txt}}
                    """),
                "web")
            .getFirst();
    assertThat(spec.name()).isEqualTo("web");
    assertThat(spec.context()).isEqualTo(dir.resolve("app").toString());
    assertThat(spec.dockerfile()).isEqualTo("Some.Dockerfile");
    assertThat(spec.target()).isEqualTo("run");
    assertThat(spec.platform()).isEqualTo("linux/arm64");
    assertThat(spec.args()).isEqualTo(Map.of("A", "1", "KEY", "k1"));
    assertThat(spec.labels())
        .containsEntry("x", "y")
        .containsEntry("com.docker.compose.project", "shop")
        .containsEntry("com.docker.compose.service", "web")
        .containsKey("com.docker.compose.version");
    assertThat(spec.tags()).containsExactly("shop-web", "reg.test/web:2");
    assertThat(spec.contexts())
        .isEqualTo(Map.of("lib", dir.resolve("lib").toString(), "base", "docker-image://alpine"));
    assertThat(spec.cache())
        .isEqualTo(new BuildSpec.Cache(true, List.of(), true, false, List.of(), List.of()));
    assertThat(spec.secrets())
        .containsExactly(
            new BuildSpec.Secret("token", null, "k1"),
            new BuildSpec.Secret("other", dir.resolve("key.txt"), null));
    assertThat(spec.ssh()).isEqualTo(Map.of("default", "/run/agent"));
    assertThat(spec.steps())
        .isEqualTo(
            new BuildSpec.Steps(
                "real",
                List.of("db=10.0.0.1"),
                1 << 20,
                Map.of("nofile", new Ulimit(1, 2)),
                Resources.UNLIMITED,
                List.of("security.insecure")));
  }

  @Test
  void optionsGoOverTheFile() throws IOException {
    ServiceBuilds builds =
        builds("services: {a: {image: x, build: {context: ., args: {A: '1', B: '2'}}}}");
    BuildSpec spec =
        builds
            .specs(
                List.of("a"),
                BuildOptions.DEFAULT
                    .with()
                    .args(Map.of("A", "3"))
                    .noCache(true)
                    .memoryBytes(5)
                    .build())
            .getFirst();
    assertThat(spec.args()).isEqualTo(Map.of("A", "3", "B", "2"));
    assertThat(spec.cache().disabled()).isTrue();
    assertThat(spec.steps().limits().memoryBytes()).isEqualTo(5);
    assertThat(spec.tags()).containsExactly("x");
  }

  @Test
  void equalBuildsAreOneWithAllNames() throws IOException {
    List<BuildSpec> specs =
        specs(
            builds(
                """
                name: shop
                services:
                  web: {image: app, build: .}
                  worker: {image: app, build: .}
                  job: {build: {context: ., tags: [job:1]}}
                  other: {build: {context: ., target: dev}}
                """),
            "web",
            "worker",
            "job",
            "other");
    assertThat(specs).extracting(BuildSpec::name).containsExactly("web", "other");
    assertThat(specs.getFirst().tags()).containsExactly("app", "shop-job", "job:1");
  }

  @Test
  void whatStartsFromEqualBuildsIsEqualToo() throws IOException {
    List<BuildSpec> specs =
        specs(
            builds(
                """
                services:
                  a: {build: {context: app, additional_contexts: {base: "service:base1"}}}
                  b: {build: {context: app, additional_contexts: {base: "service:base2"}}}
                  base1: {build: base}
                  base2: {build: base}
                """),
            "a",
            "b");
    assertThat(specs).extracting(BuildSpec::name).containsExactly("a", "base1");
    assertThat(specs.getFirst().contexts()).isEqualTo(Map.of("base", "target:base1"));
    assertThat(specs.getFirst().tags()).hasSize(2);
  }

  @Test
  void twoBuildsOfOneNameAreAnErrorWithBothPlaces() throws IOException {
    ServiceBuilds builds =
        builds(
            """
            services:
              a: {image: app, build: one}
              b:
                image: app:latest
                build: two
            """);
    assertThatThrownBy(() -> specs(builds, "a", "b"))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessageContaining("compose.yaml:5:12: services.b.build: builds app:latest in another")
        .hasMessageContaining("services.a.build (")
        .hasMessageContaining("compose.yaml:2:26");
    assertThat(specs(builds, "a")).hasSize(1);
  }

  @Test
  void tellsAllThatCannotBeSaid() throws IOException {
    ServiceBuilds builds =
        builds(
            """
            services:
              a: {build: {context: ., network: "service:b", isolation: hyperv, platforms: [linux/amd64, linux/arm64]}}
              b: {build: {context: ., secrets: [s, t], ssh: [default]}}
            secrets: {s: {external: true}, t: {environment: NOT_SET}}
            """);
    assertThatThrownBy(() -> specs(builds, "a", "b"))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessageContaining("compose.yaml:2:36: services.a.build.network: only none, host or")
        .hasMessageContaining("services.a.build.isolation: only default")
        .hasMessageContaining("services.a.build.platforms: an image is built for one platform")
        .hasMessageContaining("services.b.build.secrets: unsupported external secret")
        .hasMessageContaining("environment variable \"NOT_SET\" required by secret \"t\"")
        .hasMessageContaining("services.b.build.ssh: there is no agent");
    assertThat(specs(builds)).isEmpty();
  }

  @Test
  void aServicesPlatformChoosesAmongSeveral() throws IOException {
    ServiceBuilds builds =
        builds(
            "services: {a: {platform: linux/arm64, build: {context: ., platforms: [linux/amd64,"
                + " linux/arm64]}}}");
    assertThat(specs(builds, "a").getFirst().platform()).isEqualTo("linux/arm64");
  }

  @Test
  void aBuildThatStartsFromItselfIsAnError() throws IOException {
    ServiceBuilds builds =
        builds(
            """
            services:
              a: {build: {context: a, additional_contexts: {x: "service:b"}}}
              b: {build: {context: b, additional_contexts: {x: "service:a"}}}
            """);
    assertThatThrownBy(() -> specs(builds, "a"))
        .hasMessageContaining("services.a.build.additional_contexts: starts from its own image")
        .hasMessageContaining("services.b.build.additional_contexts: starts from its own image");
  }

  @Test
  void cachesAreReadWithTheirPlaces() throws IOException {
    ServiceBuilds builds =
        builds(
            """
            services:
              a:
                build:
                  context: .
                  cache_from: [reg.example/a, "type=local,src=here"]
                  cache_to: ["type=registry,ref=reg.example/a,mode=max,ignore-error=true"]
              b: {build: {context: ., cache_from: ["type=gha"], cache_to: ["type=local"]}}
            """);
    BuildSpec.Cache cache = specs(builds, "a").getFirst().cache();
    assertThat(cache.from())
        .extracting(CachePlace::place)
        .satisfiesExactly(
            image -> assertThat(image).isEqualTo("reg.example/a:latest"),
            folder -> assertThat(folder).startsWith("/").endsWith("/here"));
    assertThat(cache.to().getFirst().isWhole()).isTrue();
    assertThat(cache.to().getFirst().isTolerant()).isTrue();
    assertThatThrownBy(() -> specs(builds, "b"))
        .hasMessageContaining("services.b.build.cache_from: the cache type=gha")
        .hasMessageContaining("services.b.build.cache_to: the cache type=local: dest is missing");
  }

  @Test
  void warnsOfWhatIsLeftOut() throws IOException {
    ServiceBuilds builds =
        builds(
            """
            services:
              a: {build: {context: ., provenance: true, sbom: true}}
              b: {build: {context: ., provenance: false}}
            """);
    assertThat(builds.warnings(List.of("a", "b")))
        .hasSize(2)
        .anyMatch(text -> text.endsWith("services.a.build.sbom: not carried out"));
  }
}
