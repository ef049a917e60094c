package io.jcompose.api.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.api.request.CommandRequest;
import io.jcompose.api.text.JsonText;
import io.jcompose.core.ContainerSpec.Ulimit;
import io.jcompose.core.Resources;
import io.jcompose.core.build.BuildSpec;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ImageBuildRequestTest {
  private static BuildSpec spec(Map<String, Object> options, String... words) {
    Map<String, Object> members =
        Map.of(
            "cwd",
            "/work/app",
            "env",
            Map.of("TOKEN", "t1", "SSH_AUTH_SOCK", "/run/agent"),
            "options",
            options,
            "arguments",
            List.of(words));
    byte[] body = JsonText.of(members).getBytes(StandardCharsets.UTF_8);
    return new ImageBuildRequest(CommandRequest.parse(body)).spec();
  }

  @Test
  void aFolderIsBuiltFromWhereTheCommandWasGiven() {
    BuildSpec spec = spec(Map.of(), "../lib");
    assertThat(spec).isEqualTo(BuildSpec.of("lib", Path.of("/work/lib")));
  }

  @Test
  void allOptionsAreInTheBuild() {
    BuildSpec spec =
        spec(
            Map.ofEntries(
                Map.entry("tag", List.of("app:1", "app:2")),
                Map.entry("file", "docker/Dockerfile"),
                Map.entry("target", "run"),
                Map.entry("build-arg", List.of("A=1=2", "TOKEN", "NOT_SET")),
                Map.entry("label", List.of("a=b", "c")),
                Map.entry("no-cache", true),
                Map.entry("no-cache-filter", List.of("x,y", "z")),
                Map.entry("pull", true),
                Map.entry("network", "host"),
                Map.entry("add-host", List.of("db:10.0.0.1", "v6=::1")),
                Map.entry("shm-size", "2m"),
                Map.entry("memory", "1g"),
                Map.entry("memory-swap", "-1"),
                Map.entry("cpu-quota", "50000"),
                Map.entry("cpuset-cpus", "0"),
                Map.entry("ulimit", List.of("nofile=1:2", "nproc=3")),
                Map.entry("secret", List.of("id=a,src=s.txt", "id=b,env=TOKEN", "id=TOKEN")),
                Map.entry("ssh", List.of("default", "k=key,../key2")),
                Map.entry("platform", "linux/arm64"),
                Map.entry("allow", List.of("security.insecure")),
                Map.entry("build-context", List.of("l=../lib", "i=docker-image://x:1"))),
            ".");
    assertThat(spec)
        .isEqualTo(
            new BuildSpec(
                "app:1",
                "/work/app",
                "/work/app/docker/Dockerfile",
                null,
                Map.of("l", "/work/lib", "i", "docker-image://x:1"),
                "run",
                "linux/arm64",
                Map.of("A", "1=2", "TOKEN", "t1"),
                Map.of("a", "b", "c", ""),
                List.of("app:1", "app:2"),
                new BuildSpec.Steps(
                    "host",
                    List.of("db=10.0.0.1", "v6=::1"),
                    2 << 20,
                    Map.of("nofile", new Ulimit(1, 2), "nproc", new Ulimit(3, 3)),
                    Resources.UNLIMITED
                        .with()
                        .memoryBytes(1 << 30)
                        .memorySwapBytes(-1)
                        .cpuQuotaMicros(50_000)
                        .cpusetCpus("0")
                        .build(),
                    List.of("security.insecure", "network.host")),
                new BuildSpec.Cache(
                    true, List.of("x", "y", "z"), true, false, List.of(), List.of()),
                List.of(
                    new BuildSpec.Secret("a", Path.of("/work/app/s.txt"), null),
                    new BuildSpec.Secret("b", null, "t1"),
                    new BuildSpec.Secret("TOKEN", null, "t1")),
                Map.of("default", "/run/agent", "k", "/work/app/key,/work/key2"),
                BuildSpec.Output.DEFAULT));
  }

  @Test
  void whatIsAskedOfTheImageIsCollected() {
    BuildSpec spec = spec(Map.of("annotation", List.of("a=1", "manifest:b=2", "c:d=e=f")), ".");
    assertThat(spec.output().annotations()).isEqualTo(Map.of("a", "1", "b", "2", "c:d", "e=f"));
    assertThatThrownBy(() -> spec(Map.of("annotation", List.of("index:a=b")), "."))
        .hasMessageContaining("a manifest and nothing else");
    assertThatThrownBy(() -> spec(Map.of("annotation", List.of("a")), "."))
        .hasMessageContaining("write KEY=VALUE");
  }

  @Test
  void urlsArePassedOn() {
    BuildSpec spec = spec(Map.of("file", "a/Dockerfile"), "https://x.test/r.git#main");
    assertThat(spec.context()).isEqualTo("https://x.test/r.git#main");
    assertThat(spec.dockerfile()).isEqualTo("a/Dockerfile");
  }

  @Test
  void whatIsSentHasItsDockerfileInside() {
    BuildSpec spec = spec(Map.of("file", "a/Dockerfile"), "-");
    assertThat(spec.context()).isEmpty();
    assertThat(spec.dockerfile()).isEqualTo("a/Dockerfile");
    assertThat(spec.name()).isEqualTo("image");
  }

  @Test
  void whatCannotBeMeantIsTold() {
    assertThatThrownBy(() -> spec(Map.of("platform", "linux/amd64,linux/arm64"), "."))
        .hasMessageContaining("an image is built for one platform");
    assertThatThrownBy(() -> spec(Map.of("cpu-quota", "half"), "."))
        .hasMessageContaining("invalid --cpu-quota half");
    assertThatThrownBy(() -> spec(Map.of("ulimit", List.of("nofile")), "."))
        .hasMessageContaining("invalid ulimit argument: nofile");
    assertThatThrownBy(() -> spec(Map.of("secret", List.of("src=x")), "."))
        .hasMessageContaining("write id=NAME,src=PATH");
    assertThatThrownBy(() -> spec(Map.of("secret", List.of("id=x,env=NOT_SET")), "."))
        .hasMessageContaining("NOT_SET is not set");
    assertThatThrownBy(() -> spec(Map.of("build-context", List.of("x")), "."))
        .hasMessageContaining("write NAME=PATH");
    assertThatThrownBy(() -> spec(Map.of(), "a", "b"))
        .hasMessageContaining("needs one PATH or URL");
  }
}
