package io.jcompose.compose.rules;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.compose.LoadRequest;
import io.jcompose.compose.Problem;
import io.jcompose.compose.ProjectLoader;
import io.jcompose.compose.model.Dependency;
import io.jcompose.compose.model.Hook;
import io.jcompose.compose.model.Project;
import io.jcompose.core.JcomposeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ValidationTest {
  /** A service, and what is said of it. */
  private static final String SERVICES =
      """
      {image: x, cgroup: hosts}|services.a.cgroup: value must be one of 'host', 'private' (did you mean "host"?)
      {image: x, container_name: _}|services.a.container_name: '_' does not match pattern '[a-zA-Z0-9][a-zA-Z0-9_.-]+'
      {image: x, container_name: ab cd}|services.a.container_name: 'ab cd' does not match pattern
      {image: x, cpu_percent: 101}|services.a.cpu_percent: must be less than or equal to 100
      {image: x, oom_score_adj: "-1001"}|services.a.oom_score_adj: must be greater than or equal to -1000
      {image: x, mem_swappiness: 101}|services.a.mem_swappiness: invalid value: 101, valid memory swappiness range is 0-100
      {image: x, pull_policy: allways}|services.a.pull_policy: 'allways' does not match pattern 'always|never|build|if_not_present|missing|refresh|daily|weekly|every_([0-9]+[wdhms])+' (did you mean "always"?)
      {image: x, pull_policy: every_5x}|services.a.pull_policy: 'every_5x' does not match pattern
      {image: x, restart: allways}|services.a.restart: invalid restart policy: unknown policy 'allways'; use one of 'no', 'always', 'on-failure', or 'unless-stopped' (did you mean "always"?)
      {image: x, restart: always:3}|services.a.restart: invalid restart policy: maximum retry count can only be used with 'on-failure'
      {image: x, deploy: {restart_policy: {condition: on-failur}}}|services.a.deploy.restart_policy.condition: invalid restart policy: unknown policy 'on-failur'
      {image: x, group_add: [a, b, a]}|services.a.group_add: items at 0 and 2 are equal
      {image: x, security_opt: [a, a]}|services.a.security_opt: items at 0 and 1 are equal
      {image: x, networks: [default, default]}|services.a.networks: items at 0 and 1 are equal
      {image: x, depends_on: {b: {condition: service_healty}}}|services.a.depends_on.b.condition: value must be one of 'service_started', 'service_healthy', 'service_completed_successfully' (did you mean "service_healthy"?)
      {image: x, depends_on: {b: {}}}|services.a.depends_on.b: missing property 'condition'
      {image: x, depends_on: {b: }}|services.a.depends_on.b: must be a mapping
      {image: x, devices: [{target: /x}]}|services.a.devices.[0]: missing property 'source'
      {image: x, provider: {}}|services.a.provider: missing property 'type'
      {image: x, post_start: [{user: x}]}|services.a.post_start.[0]: missing property 'command'
      {image: x, develop: {watch: [{path: x}]}}|services.a.develop.watch.[0]: missing property 'action'
      {image: x, develop: {watch: [{path: x, action: sync}]}}|services.a.develop.watch: target is required for non-rebuild actions
      {image: x, develop: {watch: [{path: "", action: rebuild}]}}|services.a.develop.watch.path: value can't be blank
      {image: x, gpus: [{count: 1, device_ids: [a]}]}|services.a.gpus: "count" and "device_ids" attributes are exclusive
      {image: x, deploy: {resources: {reservations: {devices: [{count: 1}]}}}}|services.a.deploy.resources.reservations.devices.[0]: missing property 'capabilities'
      {image: x, deploy: {update_config: {order: start}}}|services.a.deploy.update_config.order: value must be one of 'start-first', 'stop-first'
      {image: x, env_file: [{required: true}]}|services.a.env_file.[0]: environment path attribute is missing
      {image: x, extends: {file: x}}|services.a.extends: extends.a.service is required
      {image: x, ulimits: {nofile: {soft: 1}}}|services.a.ulimits.nofile: missing property 'hard'
      {image: x, ulimits: {nofiles: 1}}|services.a.ulimits.nofiles: invalid ulimit type: nofiles (did you mean "nofile"?)
      {image: x, ulimits: {nofile: {soft: 9, hard: 8}}}|ulimit soft limit must be less than or equal to hard limit: 9 > 8
      {image: x, volumes: [{target: /x}]}|services.a.volumes.[0]: missing property 'type'
      {image: x, volumes: [{type: bnd, source: /x, target: /x}]}|services.a.volumes.[0].type: value must be one of 'bind', 'volume', 'tmpfs', 'cluster', 'npipe', 'image' (did you mean "bind"?)
      {image: x, volumes: [{type: bind, target: /x}]}|services.a.volumes.[0]: invalid mount config for type "bind": field Source must not be empty
      {image: x, volumes: [{type: bind, source: /x}]}|services.a.volumes.[0]: is missing a mount target
      {image: x, volumes: [{type: bind, source: /x, target: /x, bind: {recursive: on}}]}|bind.recursive: value must be one of 'enabled', 'disabled', 'writable', 'readonly'
      {image: x, volumes: [{type: bind, source: /x, target: /x, bind: {propagation: sharde}}]}|invalid propagation mode: sharde (did you mean "shared"?)
      {image: x, volumes: [{type: tmpfs, target: /x, tmpfs: {size: -1}}]}|tmpfs.size: must be greater than or equal to 0
      {image: x, healthcheck: {test: [echo]}}|healthcheck.test must start either by "CMD", "CMD-SHELL" or "NONE"
      {image: x, healthcheck: {test: }}|services.a.healthcheck.test: must be a string or array
      {image: x, environment: }|services.a.environment: must be a mapping
      {image: x, ports: [~]}|services.a.ports.[0]: must be a string or mapping
      {image: x, ports: [{published: 80}]}|services.a.ports.[0]: is missing a target port
      {image: x, ports: [{target: 80, host_ip: foo}]}|services.a.ports: invalid ip address: foo
      {image: x, ports: ["1::2::3:80:80"]}|services.a.ports.[0]: Invalid
      {image: x, ports: ["300.1.1.1:80:80"]}|services.a.ports.[0]: Invalid ip address: 300.1.1.1
      {image: x, ports: ["1-3:80-81"]}|services.a.ports.[0]: Invalid ranges specified for container and host Ports: 80-81 and 1-3
      {image: x, ports: [80/tpc]}|services.a.ports.[0]: Invalid proto: tpc
      {image: x, ports: [{target: 80, protocol: upd}]}|services.a.ports: Invalid proto: upd (did you mean "udp"?)
      {image: x, expose: [web]}|services.a.expose: Invalid containerPort: web
      {image: x, scale: -1}|services.a.scale: must be greater than or equal to 0
      {image: x, scale: 1, deploy: {replicas: 2}}|services.a: can't set distinct values on 'scale' and 'deploy.replicas'
      {image: x, scale: 5001}|services.a.scale: the project is too large: 5,001 containers, and an engine takes 5,000 of one project
      {image: x, deploy: {replicas: 4294967297}}|services.a.deploy.replicas: the project is too large: 4,294,967,297 containers
      {image: x, scale: 2, container_name: abc}|services.a.scale: can't set container_name and a as container name must be unique
      {image: x, mem_reservation: 1m, deploy: {resources: {reservations: {memory: 2m}}}}|services.a: can't set distinct values on 'mem_reservation' and 'deploy.resources.reservations.memory'
      {image: x, deploy: {resources: {limits: {memory: 1048576}}}}|services.a.deploy.resources.limits.memory: must be a string
      {image: x, tmpfs: [/a], volumes: ["/x:/a"]}|services.a.volumes[0]: target /a already mounted as services.a.tmpfs[0]
      {build: {context: ., dockerfile: a, dockerfile_inline: b}}|declares mutualy exclusive dockerfile and dockerfile_inline
      {platform: a/b, build: {context: ., platforms: [b/c]}}|service.build.platforms MUST include service.platform "a/b"
      {build: {context: ., additional_contexts: {x: service:c}}}|service "a" declares unknown service "c" as additional contexts x
      {build: {context: ., additional_contexts: {x: service:b}}}|service "a" declares non-buildable service "b" as additional contexts x
      {build: {context: ., secrets: [s]}}|service "a" refers to undefined build secret s
      {image: x, ipc: hots}|services.a.ipc: invalid IPC mode: hots (did you mean "host"?)
      {image: x, pid: foo}|services.a.pid: invalid PID mode: foo
      {image: x, uts: foo}|services.a.uts: invalid UTS mode: foo
      {image: x, cap_add: [NET_ADMN]}|services.a.cap_add: invalid capability: "NET_ADMN" (did you mean "NET_ADMIN"?)
      {image: x, stop_signal: SIGTREM}|services.a.stop_signal: invalid signal: SIGTREM (did you mean SIGTERM?)
      {image: x, blkio_config: {weight: 5000}}|range of blkio weight is from 10 to 1000: 5000
      {image: x, storage_opt: {size: some}}|services.a.storage_opt.size: invalid size: 'some'
      {image: x, storage_opt: {inodes: 5}}|services.a.storage_opt.inodes: Unknown option inodes
      {image: x, mac_address: foo}|services.a.mac_address: invalid MAC address: foo
      {image: x, networks: {default: {ipv4_address: fe80::1}}}|services.a.networks.default: invalid IPv4 address: fe80::1
      {image: x, extra_hosts: ["h=bar"]}|services.a.extra_hosts: invalid IP address in add-host: "bar"
      {image: x, extra_hosts: {a: 1}}|services.a.extra_hosts.a: must be a string
      {image: x, logging: {options: {a: true}}}|services.a.logging.options.a: must be a null, number or string
      {image: x, environment: {A: [b]}}|services.a.environment.A: must be a boolean, null, number or string
      {image: x, deploy: {resources: {limits: {devices: []}}}}|services.a.deploy.resources.limits: additional properties 'devices' not allowed
      {image: x, post_start: [{command: a, image: b}]}|services.a.post_start.[0]: additional properties 'image' not allowed
      {image: x, pre_start: [{imag: b}]}|services.a.pre_start.[0]: additional properties 'imag' not allowed (did you mean "image"?)
      {image: x, healthcheck: {interval: 1us}}|services.a.healthcheck.interval: 1µs is too short
      {image: x, healthcheck: {timeout: -1s}}|services.a.healthcheck.timeout: -1s is too short
      {image: x, healthcheck: {retries: -1}}|services.a.healthcheck.retries: it cannot be negative
      {image: x, healthcheck: {start_interval: 1s}}|services.a.healthcheck.start_interval: start_interval means nothing without start_period
      {image: x, shm_size: -1}|services.a.shm_size: SHM size can not be less than 0
      {image: x, working_dir: rel}|services.a.working_dir: the working directory 'rel' is invalid, it needs to be an absolute path
      {image: x, environment: {"": x}}|services.a.environment: a name is empty
      {image: x, labels: ["=x"]}|services.a.labels: a name is empty
      {image: x, restart: Always}|services.a.restart: invalid restart policy: unknown policy 'Always'
      {image: x, ports: [{target: 80, published: 80-}]}|services.a.ports: invalid hostPort: 80-
      {image: x, gpus: some}|services.a.gpus: value must be 'all'
      {image: x, ulimits: {nofile: many}}|services.a.ulimits.nofile: must be a integer: many
      {image: x, environment: [1]}|services.a.environment: must be a string like KEY=value, unexpected number
      {image: x, user: 1000}|services.a.user: must be a string
      """;

  /** A file, and what is said of it. */
  private static final String FILES =
      """
      {services: {a: {image: x}}, secrets: {s: {}}}|secrets.s: one of file|environment must be set
      {services: {a: {image: x}}, secrets: {s: {content: x}}}|secrets.s: additional properties 'content' not allowed
      {services: {a: {image: x}}, secrets: {s: {file: x, environment: y}}}|secrets.s: file|environment attributes are mutually exclusive
      {services: {a: {image: x}}, secrets: {s: }}|secrets.s: must be a mapping
      {services: {a: {image: x}}, configs: {s: {file: x, content: y}}}|configs.s: file|environment|content attributes are mutually exclusive
      {services: {a: {image: x}}, volumes: {s: {external: true, driver: x}}}|volumes.s: conflicting parameters "external" and "driver" specified
      {services: {a: {image: x}}, volumes: {s: {external: {name: a}, name: b}}}|volumes.s: name and external.name conflict; only use name
      {services: {a: {image: x, networks: [s]}}, networks: {s: {ipam: {config: [{subnet: 10.0.0.0}]}}}}|networks.s.ipam.config: invalid subnet 10.0.0.0: invalid CIDR block notation
      {services: {a: {image: x, networks: [s]}}, networks: {s: {ipam: {config: [{gateway: x}]}}}}|networks.s.ipam.config: invalid gateway address: x
      {services: {a: {image: x, networks: {s: {ipv4_address: 10.2.0.4}}}}, networks: {s: {ipam: {config: [{subnet: 10.1.0.0/24}, {subnet: "fd00::/64"}]}}}}|services.a.networks.s.ipv4_address: 10.2.0.4 is not in the network's subnet 10.1.0.0/24
      {services: {a: {image: x, networks: {s: {ipv6_address: "fd01::4"}}}}, networks: {s: {ipam: {config: [{subnet: "fd00::/64"}]}}}}|services.a.networks.s.ipv6_address: fd01::4 is not in the network's subnet fd00::/64
      {services: {a: {image: x, networks: [s]}}, networks: {s: {name: ""}}}|networks.s.name: the name is empty
      {services: {a: {image: x, volumes: ["data:/d"]}}, volumes: {data: {name: "", external: true}}}|volumes.data.name: the name is empty
      {services: {a: {image: x}}, models: {m: {}}}|models.m: missing property 'model'
      {services: {a: {image: x, container_name: ab}, b: {image: x, container_name: ab}}}|services.b: container name "ab" is already in use by service a
      {services: }|services: must be a mapping
      {name: 1, services: {a: {image: x}}}|name: must be a string
      """;

  @TempDir Path dir;

  static Stream<List<String>> services() {
    return SERVICES
        .lines()
        .map(
            line ->
                List.of(
                    "services: {a: " + line.substring(0, line.indexOf('|')) + ", b: {image: x}}",
                    line.substring(line.indexOf('|') + 1)));
  }

  static Stream<List<String>> files() {
    return FILES
        .lines()
        .map(
            line ->
                List.of(
                    line.substring(0, line.indexOf('|')), line.substring(line.indexOf('|') + 1)));
  }

  @ParameterizedTest
  @MethodSource({"services", "files"})
  void refuses(List<String> fileAndMessage) throws IOException {
    String file = fileAndMessage.getFirst();
    assertThat(error(file))
        .startsWith("compose.yaml:1:")
        .contains(fileAndMessage.getLast())
        .as("one problem only")
        .hasLineCount(1);
  }

  @Test
  void acceptsWhatIsRight() throws IOException {
    assertThat(
            error(
                """
                    services:
                      a:
                        image: x
                        pull_policy: every_1w2d
                        container_name: a.b-c_d
                        stop_signal: SIGRTMIN+3
                        cap_add: [cap_net_admin, ALL, SYS_TIME]
                        ulimits: {nofile: {soft: 1, hard: -1}, core: -1, as: 1000000}
                        ipc: shareable
                        pid: 'service:b'
                        ports: ["[::1]:80:80", "80/UDP"]
                        expose: [80, "90-91/udp", "1/icmp"]
                        extra_hosts: {h: host-gateway, i: ["::1", 10.0.0.1]}
                        oom_score_adj: -1000
                        deploy:
                        develop:
                        command:
                      b:
                        image: x
                        stop_signal: "9"
                        depends_on: [c]
                      c: {image: x}
                    volumes:
                    networks: {n: {ipam: {config: [{subnet: "fd00::/64", gateway: "fd00::1"}]}}}
                    """))
        .isEmpty();
  }

  @Test
  void oneFileMayLeaveToAnotherWhatTheWholeMustHave() throws IOException {
    Files.writeString(
        dir.resolve("o.yaml"), "services: {a: {depends_on: {b: {restart: true}}, image: }}");
    Files.writeString(
        dir.resolve("compose.yaml"),
        "services: {a: {image: x, depends_on: {b: {condition: service_started}}}, b: {image: x}}");
    Project project =
        new ProjectLoader()
            .load(LoadRequest.of(dir, Map.of()).withFiles(List.of("compose.yaml", "o.yaml")));
    assertThat(project.service("a").dependsOn())
        .containsEntry("b", new Dependency(Dependency.Condition.STARTED, true, true));
    assertThat(project.service("a").source().image()).isEqualTo("x");
  }

  @Test
  void warnsOfValuesThatNothingReads() throws IOException {
    Project project =
        load(
            "services: {a: {image: x, init: 'yes', deploy: {mode: globl}, volumes: ['/x:/y:r0']}}");
    assertThat(project.warnings().stream().map(Problem::toString))
        .containsExactlyInAnyOrder(
            "compose.yaml:1:32: services.a.init: \"yes\" for boolean is not supported by YAML 1.2, please use `true`",
            "compose.yaml:1:54: services.a.deploy.mode: unknown value \"globl\" is ignored (did you mean \"global\"?); it is one of replicated, global, replicated-job, global-job",
            "compose.yaml:1:72: services.a.volumes.[0]: unknown volume option r0 is ignored (did you mean \"ro\"?)");
  }

  @Test
  void hooksInheritVariablesThatTheyNameOnly() throws IOException {
    Files.writeString(
        dir.resolve("compose.yaml"),
        "services: {a: {image: x, post_start: [{command: t, environment: [HOME, NONE, K=v]}]}}");
    Hook hook =
        new ProjectLoader()
            .load(LoadRequest.of(dir, Map.of("HOME", "/h")))
            .service("a")
            .lifecycle()
            .postStart()
            .getFirst();
    assertThat(hook.environment()).isEqualTo(Map.of("HOME", "/h", "K", "v"));
    assertThat(hook.unsetEnvironment()).containsExactly("NONE");
  }

  @Test
  void problemsOfIncludedAndExtendedFilesTellTheChain() throws IOException {
    Files.writeString(dir.resolve("b.yaml"), "services:\n  b: {imag: x}\n");
    Files.writeString(
        dir.resolve("i.yaml"), "services:\n  i: {extends: {file: b.yaml, service: b}}\n");
    assertThat(error("include: [i.yaml]"))
        .startsWith(dir.resolve("b.yaml") + ":2:7: services.b: additional properties 'imag'")
        .contains(
            "\n    extended at "
                + dir.resolve("i.yaml")
                + ":2:16\n    included at compose.yaml:1:11");
  }

  private Project load(String yaml) throws IOException {
    Files.writeString(dir.resolve("compose.yaml"), yaml);
    return new ProjectLoader()
        .load(LoadRequest.of(dir, Map.of()).withFiles(List.of("compose.yaml")));
  }

  private String error(String yaml) throws IOException {
    try {
      return load(yaml).refusals().values().stream()
          .flatMap(List::stream)
          .map(Problem::toString)
          .collect(Collectors.joining("\n"));
    } catch (JcomposeException e) {
      return String.valueOf(e.getMessage())
          .lines()
          .filter(line -> !line.startsWith("warning: "))
          .collect(Collectors.joining("\n"));
    }
  }
}
