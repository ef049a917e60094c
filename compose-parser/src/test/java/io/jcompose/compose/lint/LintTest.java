package io.jcompose.compose.lint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.jcompose.compose.ConfigAnswer;
import io.jcompose.compose.ConfigCommand;
import io.jcompose.compose.ConfigQuery;
import io.jcompose.compose.LoadRequest;
import io.jcompose.compose.ProjectLoader;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class LintTest {
  private static ConfigAnswer lint(String yaml, String format) {
    LoadRequest load =
        LoadRequest.of(Path.of("/tmp"), Map.of("COMPOSE_DISABLE_ENV_FILE", "1", "V", "1"))
            .with()
            .files(List.of("-"))
            .stdin(yaml)
            .projectName("p")
            .build();
    return new ConfigCommand(new ProjectLoader())
        .answer(new ConfigQuery(load, Set.of("lint"), Map.of("format", format)));
  }

  private static String service(String rest) {
    return "services:\n  a:\n    image: x:1\n" + rest;
  }

  static Stream<Arguments> findings() {
    String healthy = "    depends_on: {b: {condition: service_healthy}}\n  b: {image: 'y:1'%s}\n";
    String completed =
        "    depends_on: {b: {condition: service_completed_successfully}}\n"
            + "  b: {image: 'y:1', restart: always}\n";
    return Stream.of(
        arguments("version: '3'\n" + service(""), "-:1:10: warning: obsolete-version: "),
        arguments("services: {a: {image: x}}", "-:1:23: warning: latest-tag: services.a.image: "),
        arguments("services: {a: {image: 'h:5000/x:latest'}}", "warning: latest-tag: "),
        arguments(service("    ports: ['5432:5432']\n"), "-:4:13: warning: database-port: "),
        arguments(service("    ports:\n      - 22:22\n"), "-:5:9: warning: unquoted-port: "),
        arguments(service("    ports: [22:22]\n"), "-:4:13: warning: unquoted-port: "),
        arguments(service("    ports: ['1:1', 22:22]\n"), "-:4:20: warning: unquoted-port: "),
        arguments(service("    ulimits: {nofile: 017}\n"), "-:4:23: warning: octal-number: "),
        arguments(service("    environment: [A=\"b\"]\n"), "warning: quoted-value: "),
        arguments(service(healthy.formatted("")), "warning: health-condition: "),
        arguments(
            service(healthy.formatted(", healthcheck: {disable: true}")),
            "error: health-condition: "),
        arguments(service(completed), "error: one-shot-restart: "),
        arguments(
            service(
                completed.replace("always", "'no', deploy: {restart_policy: {condition: any}}")),
            "error: one-shot-restart: "),
        arguments(service("volumes: {v: {}}\n"), "warning: unused-volume: volumes.v: "),
        arguments(service("networks: {n: {}}\n"), "warning: unused-network: "),
        arguments(service("secrets: {s: {file: /s}}\n"), "warning: unused-secret: "),
        arguments(service("configs: {c: {content: c}}\n"), "warning: unused-config: "),
        arguments(
            service("    environment: {DB_PASSWORD: hunter2}\n"), "-:4:32: warning: secret-in-env"),
        arguments(service("    command: a\tb\n"), "warning: tab-character: "),
        arguments(service("    environment:\n      A: 017\n"), "-:5:10: warning: octal-number: "),
        arguments(service("    environment:\n      - A=\"b\"\n"), "warning: quoted-value: "),
        arguments(service("    environment: {A: '$B'}\n"), "warning: unset-variable: "),
        arguments(
            service("    ports: ['80:80']\n  b: {image: 'x:1', ports: ['80:81']}\n"),
            "error: port-conflict: services.b.ports: "),
        arguments(
            service("    ports: ['127.0.0.1:80:80']\n  b: {image: 'x:1', ports: ['80:81']}\n"),
            "error: port-conflict: services.b.ports: "),
        arguments(service("    privileged: true\n"), "warning: privileged: "),
        arguments(service("    links: [b]\n  b: {image: 'x:1'}\n"), "warning: obsolete-links: "),
        arguments(
            service("    network_mode: host\n    ports: ['80:80']\n"), "ports-without-network: "),
        arguments(
            service("    volumes: ['/var/run/docker.sock:/s']\n"), "warning: engine-socket: "),
        arguments(service("    volumes: ['/none/here:/s']\n"), "warning: missing-bind-source: "),
        arguments(service("    command: a && b\n"), "-:4:14: warning: shell-syntax: "),
        arguments(
            service("    healthcheck: {test: [CMD, 'curl -f x']}\n"), "healthcheck-command: "),
        arguments(service("    mem_limit: 512\n"), "-:4:16: warning: memory-unit: "));
  }

  @ParameterizedTest
  @MethodSource("findings")
  void finds(String yaml, String finding) {
    ConfigAnswer answer = lint(yaml, "");
    assertThat(answer.text().lines())
        .as(answer.text())
        .singleElement()
        .asString()
        .contains(finding);
    assertThat(answer.exitCode()).isEqualTo(finding.contains("error: ") ? 1 : 0);
  }

  @Test
  void isSilentAboutAGoodFile() {
    String yaml =
        service(
            """
                command: [sh, -c, a && b]
                ports: ["127.0.0.1:5432:5432", "80:80"]
                environment: {DB_PASSWORD: "$V", DB_PASSWORD_FILE: /run/secrets/s, A: b}
                secrets: [s]
                labels: {l: "[22:22] {a: 017} [A='b']"} # [22:22]
                volumes: ["v:/v"]
              b: {build: ., profiles: [p], ports: ["80:80"], volumes: ["w:/w"]}
            secrets: {s: {file: /s}}
            volumes: {v: {}, w: {}}
            """);
    assertThat(lint(yaml, "").text()).isEmpty();
  }

  @Test
  void leavesOutRulesThatAreSwitchedOff() {
    assertThat(lint("x-lint-ignore: [latest-tag]\nservices: {a: {image: x}}", "").text()).isEmpty();
    assertThat(
            lint("services: {a: {image: x, x-lint-ignore: latest-tag}, b: {image: x}}", "").text())
        .contains("services.b")
        .doesNotContain("services.a");
  }

  @Test
  void writesJsonForPrograms() {
    assertThat(lint("services: {a: {image: x}}", "json").text())
        .startsWith(
            """
            [
              {
                "file": "-",
                "line": 1,
                "column": 23,
                "level": "warning",
                "rule": "latest-tag",
                "path": "services.a.image",
            """);
  }
}
