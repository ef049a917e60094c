package io.jcompose.api.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.jcompose.api.docker.DockerFakes.Answer;
import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerSpec.MountSpec;
import io.jcompose.core.ContainerSpec.RestartPolicy;
import io.jcompose.core.ContainerView.State;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networking.EndpointSpec;
import io.jcompose.core.Networking.PortSpec;
import io.jcompose.core.Networks.NetworkSpec;
import io.jcompose.core.Networks.Pool;
import io.jcompose.core.Resources;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What clients ask to be made, and what of it reaches the ports. */
@Timeout(30)
class ContainerCreationTest {
  @TempDir Path folder;
  private DockerFakes docker;
  private final List<ContainerSpec> made = new ArrayList<>();

  @BeforeEach
  void open() throws IOException {
    docker = new DockerFakes(folder);
    docker.images.add(DockerFakes.image("busybox").withPorts(List.of("90/udp")));
    docker.answers.put(
        "Containers.create",
        arguments -> {
          made.add((ContainerSpec) arguments[0]);
          return "a".repeat(64);
        });
  }

  @AfterEach
  void close() throws IOException {
    docker.close();
  }

  private Answer create(String json) throws IOException {
    return docker.call(
        "POST", "/containers/create?name=web", json.replace('\'', '"').replace("\n", ""));
  }

  private ContainerSpec created(String json) throws IOException {
    Answer answer = create(json);
    assertThat(answer.status()).as(answer.body()).isEqualTo(201);
    return made.getLast();
  }

  @Test
  void whatIsLeftOutIsTheImages() throws IOException {
    Answer answer = create("{'Image':'busybox'}");
    assertThat(answer.status()).isEqualTo(201);
    assertThat(answer.body()).isEqualTo("{\"Id\":\"" + "a".repeat(64) + "\",\"Warnings\":[]}\n");
    ContainerSpec plain = ContainerSpec.of("web", "busybox");
    ContainerSpec spec = made.getLast();
    assertThat(spec)
        .isEqualTo(
            plain
                .with()
                .imageId("sha256:" + "b".repeat(64))
                .logging(new ContainerSpec.Logging("", Map.of()))
                .networking(
                    plain
                        .networking()
                        .with()
                        .mode("networks")
                        .endpoints(List.of(EndpointSpec.of("bridge", List.of())))
                        .build())
                .build());
    assertThat(docker.asked).contains("create " + NetworkSpec.predefinedBridge());
  }

  @Test
  void theProgramIsAsAskedFor() throws IOException {
    ContainerSpec spec =
        created(
            """
            {'image':'busybox','Cmd':'top','Entrypoint':['sh','-c'],'Env':['A=b','C'],'Tty':true,
             'OpenStdin':true,'StdinOnce':true,'User':'1:2','WorkingDir':'/w','Hostname':'h',
             'Domainname':'d','Labels':{'l':'v'},'StopSignal':'INT','StopTimeout':3,
             'Healthcheck':{'Test':['CMD','true'],'Interval':2000000,'Retries':2},
             'HostConfig':{'Init':true,'GroupAdd':['3'],'LogConfig':{'Type':'local','Config':{'max-size':'1m'}},
              'RestartPolicy':{'Name':'on-failure','MaximumRetryCount':4}}}
            """);
    assertThat(spec.process())
        .isEqualTo(
            new ContainerSpec.ProcessSpec(
                List.of("sh", "-c"),
                List.of("top"),
                List.of("A=b", "C"),
                "/w",
                "1:2",
                "h",
                "d",
                List.of("3"),
                true,
                true,
                true,
                true));
    assertThat(spec.labels()).containsExactly(Map.entry("l", "v"));
    assertThat(spec.lifecycle())
        .isEqualTo(
            new ContainerSpec.Lifecycle(
                new RestartPolicy(RestartPolicy.Kind.ON_FAILURE, 4),
                "INT",
                Duration.ofSeconds(3),
                false));
    assertThat(spec.health())
        .isEqualTo(
            new ContainerSpec.Health(
                List.of("CMD", "true"), Duration.ofMillis(2), null, null, null, 2));
    assertThat(spec.logging())
        .isEqualTo(new ContainerSpec.Logging("local", Map.of("max-size", "1m")));
  }

  @Test
  void isolationAndLimitsAreAsAskedFor() throws IOException {
    ContainerSpec spec =
        created(
            """
            {'Image':'busybox','HostConfig':{'Privileged':true,'ReadonlyRootfs':true,
             'CapAdd':['NET_ADMIN'],'CapDrop':['ALL'],'SecurityOpt':['no-new-privileges'],
             'MaskedPaths':[],'ReadonlyPaths':[],'Sysctls':{'a':'b'},'PidMode':'host',
             'IpcMode':'shareable','UTSMode':'host','UsernsMode':'host','CgroupnsMode':'host',
             'CgroupParent':'p','Runtime':'jcompose','DeviceCgroupRules':['c 1:1 r'],
             'Devices':[{'PathOnHost':'/dev/null'}],
             'DeviceRequests':[{'Driver':'','Count':2,'Capabilities':[['gpu']]}],
             'Ulimits':[{'Name':'nofile','Soft':1,'Hard':2}],
             'NanoCpus':1,'CpuShares':2,'CpuPeriod':3,'CpuQuota':4,'CpusetCpus':'0','CpusetMems':'1',
             'Memory':5,'MemorySwap':-1,'MemoryReservation':6,'MemorySwappiness':7,
             'OomKillDisable':true,'OomScoreAdj':8,'PidsLimit':9,'ShmSize':10,
             'StorageOpt':{'size':'1m'},'BlkioWeight':11,
             'BlkioWeightDevice':[{'Path':'/a','Weight':12}],
             'BlkioDeviceReadBps':[{'Path':'/b','Rate':13}],
             'BlkioDeviceWriteIOps':[{'Path':'/c','Rate':14}]}}
            """);
    assertThat(spec.security())
        .isEqualTo(
            new ContainerSpec.Security(
                true,
                true,
                List.of("NET_ADMIN"),
                List.of("ALL"),
                List.of("no-new-privileges", "systempaths=unconfined"),
                List.of("/dev/null:/dev/null:rwm", "nvidia.com/gpu=0", "nvidia.com/gpu=1"),
                List.of("c 1:1 r"),
                Map.of("a", "b"),
                Map.of("nofile", new ContainerSpec.Ulimit(1, 2)),
                "host",
                "shareable",
                "host",
                "host",
                "host",
                "p",
                ""));
    assertThat(spec.resources())
        .isEqualTo(
            new Resources(
                1,
                2,
                3,
                4,
                "0",
                "1",
                5,
                -1,
                6,
                7,
                true,
                8,
                9,
                10,
                1 << 20,
                11,
                List.of(new Resources.DeviceValue("/a", 12)),
                List.of(new Resources.DeviceValue("/b", 13)),
                List.of(),
                List.of(),
                List.of(new Resources.DeviceValue("/c", 14))));
  }

  @Test
  void mountsComeFromAllPlaces() throws IOException {
    docker.containers.add(
        DockerFakes.container(
                ContainerSpec.of("other", "busybox")
                    .with()
                    .mounts(List.of(new MountSpec.Volume("kept", "/kept", false, false, "")))
                    .build(),
                State.EXITED)
            .withAnonymousVolumes(Map.of("/own", "f".repeat(64))));
    ContainerSpec spec =
        created(
            """
            {'Image':'busybox','Volumes':{'/anonymous':{},'/b':{}},'HostConfig':{
             'VolumesFrom':['other:ro'],'Tmpfs':{'/t':'size=1m'},
             'Binds':['/a/../x:/b/:ro,z,rshared','v:/v:nocopy'],
             'Mounts':[
              {'Type':'bind','Source':'/s','Target':'/m1','ReadOnly':true,
               'BindOptions':{'Propagation':'slave','NonRecursive':true,'CreateMountpoint':true}},
              {'Type':'volume','Source':'n','Target':'/m2',
               'VolumeOptions':{'NoCopy':true,'Subpath':'sub','Labels':{'k':'v'}}},
              {'Type':'tmpfs','Target':'/m3','TmpfsOptions':{'SizeBytes':9,'Mode':511}}]}}
            """);
    assertThat(spec.mounts())
        .containsExactly(
            new MountSpec.Volume("kept", "/kept", true, false, ""),
            new MountSpec.Volume("f".repeat(64), "/own", true, true, ""),
            new MountSpec.Bind(Path.of("/x"), "/b", true, true, true, "rshared", "z"),
            new MountSpec.Volume("v", "/v", false, true, ""),
            new MountSpec.Bind(Path.of("/s"), "/m1", true, true, false, "slave"),
            new MountSpec.Volume("n", "/m2", false, true, "sub"),
            new MountSpec.Tmpfs("/m3", "size=9,mode=777"),
            new MountSpec.Tmpfs("/t", "size=1m"),
            new MountSpec.Volume("", "/anonymous", false, false, ""));
    assertThat(docker.asked)
        .anyMatch(call -> call.startsWith("create VolumeSpec[name=n, ") && call.contains("{k=v}"));
  }

  @Test
  void networksAreInTheOrderOfTheirInterfaces() throws IOException {
    docker.containers.add(DockerFakes.container("db", State.RUNNING));
    ContainerSpec spec =
        created(
            """
            {'Image':'busybox','ExposedPorts':{'70/tcp':{},'80/tcp':{}},'MacAddress':'02:00:00:00:00:01',
             'HostConfig':{'NetworkMode':'front','PublishAllPorts':true,'Links':['db:database'],
              'Dns':['1.1.1.1'],'ExtraHosts':['a:1.2.3.4'],
              'PortBindings':{'80/tcp':[{'HostIp':'127.0.0.1','HostPort':'8000-8002'}]}},
             'NetworkingConfig':{'EndpointsConfig':{
              'back':{'Aliases':['b'],'GwPriority':3},
              'front':{'IPAMConfig':{'IPv4Address':'10.0.0.9'},'DriverOpts':{'o':'p'}}}}}
            """);
    assertThat(spec.networking().mode()).isEqualTo("networks");
    assertThat(spec.networking().endpoints())
        .extracting(EndpointSpec::network, EndpointSpec::ipv4Address, EndpointSpec::macAddress)
        .containsExactly(tuple("front", "10.0.0.9", "02:00:00:00:00:01"), tuple("back", "", ""));
    assertThat(spec.networking().endpoints().getFirst().options().links())
        .containsExactly(Map.entry("database", "db"));
    assertThat(spec.networking().endpoints().getLast().aliases()).containsExactly("b");
    assertThat(spec.networking().endpoints().getLast().gatewayPriority()).isEqualTo(3);
    assertThat(spec.networking().ports())
        .containsExactlyInAnyOrder(
            new PortSpec("127.0.0.1", 8000, 8002, 80, "tcp"),
            new PortSpec("", 0, 0, 70, "tcp"),
            new PortSpec("", 0, 0, 90, "udp"));
    assertThat(spec.networking().exposed()).containsExactly("70/tcp", "80/tcp");
    assertThat(spec.networking().dns()).containsExactly("1.1.1.1");
    assertThat(spec.networking().extraHosts()).containsExactly("a:1.2.3.4");
  }

  @Test
  void whoseNamespacesAreJoinedIsNamedById() throws IOException {
    docker.containers.add(DockerFakes.container("other", State.RUNNING));
    String id = docker.containers.getFirst().id();
    ContainerSpec spec =
        created(
            """
            {'Image':'busybox','HostConfig':{
             'NetworkMode':'container:other','PidMode':'container:other'}}
            """);
    assertThat(spec.networking().mode()).isEqualTo("container:" + id);
    assertThat(spec.networking().endpoints()).isEmpty();
    assertThat(spec.security().pidMode()).isEqualTo("container:" + id);
  }

  @Test
  void oneWithoutANameGetsOneThatIsFree() throws IOException {
    List<String> tried = new ArrayList<>();
    docker.answers.put(
        "Containers.create",
        arguments -> {
          tried.add(((ContainerSpec) arguments[0]).name());
          if (tried.size() < 4) {
            throw new JcomposeException.Conflict("taken");
          }
          return "a".repeat(64);
        });
    assertThat(docker.call("POST", "/containers/create", "{\"Image\":\"busybox\"}").status())
        .isEqualTo(201);
    assertThat(tried).hasSize(4).allMatch(name -> name.matches("[a-z]+_[a-z]+[0-9]*"));
    assertThat(tried.getLast()).matches("[a-z]+_[a-z]+[0-9]+");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {'Image':'none'}                                                | 404 | No such image: none:latest
          {'Image':''}                                                    | 400 | no image specified
          {'Image':'busybox','HostConfig':{'Binds':['/a:b']}}             | 400 | invalid mount path: 'b' mount path must be absolute
          {'Image':'busybox','HostConfig':{'Binds':['/a:/b:x']}}          | 400 | invalid mode: x
          {'Image':'busybox','HostConfig':{'Binds':['/a:/b','/c:/b/']}}   | 400 | Duplicate mount point: /b
          {'Image':'busybox','HostConfig':{'Binds':['/a\\u0000:/b']}}     | 400 | invalid JSON: a text has a zero byte
          {'Image':'busybox','HostConfig':{'Binds':[null]}}               | 400 | invalid JSON: a member of a list or an object is null
          {'Image':'busybox','HostConfig':{'Mounts':[{'Type':'x','Target':'/a'}]}} | 400 | invalid mount config for type "x": mount type unknown
          {'Image':'busybox','HostConfig':{'VolumesFrom':['nobody']}}     | 400 | No such container: nobody
          {'Image':'busybox','HostConfig':{'VolumeDriver':'nfs'}}         | 400 | plugin "nfs" not found
          {'Image':'busybox','HostConfig':{'PortBindings':{'x':[]}}}      | 400 | invalid port specification: "x"
          {'Image':'busybox','HostConfig':{'PortBindings':{'1/tcp':[{'HostPort':'70000'}]}}} | 400 | invalid port specification: "70000"
          {'Image':'busybox','HostConfig':{'RestartPolicy':{'Name':'x'}}} | 400 | invalid restart policy: unknown policy 'x'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'
          {'Image':'busybox','HostConfig':{'AutoRemove':true,'RestartPolicy':{'Name':'always'}}} | 400 | can't create 'AutoRemove' container with restart policy
          {'Image':'busybox','Hostname':'h','HostConfig':{'NetworkMode':'container:x'}} | 400 | conflicting options: hostname and the network mode
          {'Image':'busybox','HostConfig':{'NetworkMode':'container:x'}}  | 400 | No such container: x
          {'Image':'busybox','HostConfig':{'CpuRealtimePeriod':1}}        | 501 | jcompose does not carry out real-time shares of a processor yet
          {'Image':'busybox','HostConfig':{'DeviceRequests':[{'Driver':'x'}]}} | 500 | could not select device driver "x" with capabilities: []
          {'Image':'busybox','WorkingDir':'rel'}                          | 400 | the working directory 'rel' is invalid, it needs to be an absolute path
          {'Image':'busybox','Hostname':'h','HostConfig':{'UTSMode':'host'}} | 400 | conflicting options: hostname and the UTS mode
          {'Image':'busybox','HostConfig':{'Links':['no:a']}}             | 400 | could not get container for no: No such container: no
          {'Image':'busybox','HostConfig':{'Isolation':'x'}}              | 400 | invalid isolation (x): linux only supports 'default'
          {'Image':'busybox','Healthcheck':{'Interval':3}}                | 400 | Interval in Healthcheck cannot be less than 1ms
          {'Image':'busybox','NetworkingConfig':{'EndpointsConfig':{'bridge':{'Aliases':['a']}}}} | 400 | invalid config for network bridge: invalid endpoint settings:\\nnetwork-scoped alias is supported only for containers in user defined networks
          """)
  void refusesInDockersWords(String json, int status, String message) throws IOException {
    Answer answer = create(json);
    assertThat(answer.message()).isEqualTo(message.replace("\\n", "\n"));
    assertThat(answer.status()).isEqualTo(status);
    assertThat(made).isEmpty();
  }

  @Test
  void whatIsRefusedLeavesNothing() throws IOException {
    docker.containers.add(DockerFakes.container("web", State.EXITED));
    String volume =
        """
        {'Image':'busybox','HostConfig':{'Mounts':[{'Type':'volume','Source':'v','Target':'/v',
         'VolumeOptions':{'Labels':{'a':'b'}}}]}}
        """;
    assertThat(create(volume).status()).isEqualTo(409);
    assertThat(create(volume).message()).startsWith("Conflict. The container name \"/web\" is");
    Answer unnamed =
        docker.call(
            "POST", "/containers/create?name=_bad", volume.replace('\'', '"').replace("\n", ""));
    assertThat(unnamed.status()).isEqualTo(400);
    docker.containers.clear();
    docker.answers.put(
        "Containers.problems", arguments -> List.of(new JcomposeException.InvalidArgument("no")));
    assertThat(create(volume).message()).isEqualTo("no");
    assertThat(docker.asked).noneMatch(call -> call.startsWith("create "));
    assertThat(made).isEmpty();
  }

  @Test
  void whatOneRequestMayAskForIsBounded() throws IOException {
    StringBuilder volumes = new StringBuilder("'/v0':{}");
    for (int i = 1; i <= 1000; i++) {
      volumes.append(",'/v").append(i).append("':{}");
    }
    assertThat(create("{'Image':'busybox','Volumes':{" + volumes + "}}").message())
        .isEqualTo("more than 1000 mounts");
    ContainerSpec spec =
        created(
            "{'Image':'busybox','ExposedPorts':{'1-65535/tcp':{},'1-65535/udp':{}},"
                + "'HostConfig':{'PublishAllPorts':true,'PortBindings':{'1/tcp':[{'HostPort':'9'}]}}}");
    assertThat(spec.networking().ports()).hasSize(1000);
  }

  @Test
  void aNetworkIsMadeAsAskedFor() throws IOException {
    docker.answers.put(
        "Networks.create", arguments -> docker.asked.add("" + arguments[0]) ? "n" : "");
    Answer answer =
        docker.call(
            "POST",
            "/networks/create",
            """
            {"Name":"net","Driver":"bridge","EnableIPv6":true,"Internal":true,"Attachable":true,
             "IPAM":{"Driver":"default","Config":[{"Subnet":"10.1.0.0/24","Gateway":"10.1.0.9",
             "IPRange":"10.1.0.128/25","AuxiliaryAddresses":{"a":"10.1.0.2"}}]},
             "Options":{"o":"p"},"Labels":{"l":"v"}}\
            """);
    assertThat(answer.status()).as(answer.body()).isEqualTo(201);
    assertThat(docker.asked)
        .containsExactly(
            new NetworkSpec(
                    "net",
                    "",
                    Map.of("o", "p"),
                    true,
                    true,
                    true,
                    List.of(
                        new Pool(
                            "10.1.0.0/24", "10.1.0.9", "10.1.0.128/25", Map.of("a", "10.1.0.2"))),
                    Map.of("l", "v"))
                .toString());
  }

  @Test
  void anUpdateLeavesWhatItDoesNotSay() throws IOException {
    ContainerSpec before =
        ContainerSpec.of("web", "busybox")
            .with()
            .resources(Resources.UNLIMITED.with().memoryBytes(5).cpuShares(6).build())
            .build();
    docker.containers.add(DockerFakes.container(before, State.RUNNING));
    Answer answer =
        docker.call(
            "POST",
            "/containers/web/update",
            "{\"CpuShares\":7,\"RestartPolicy\":{\"Name\":\"always\"}}");
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo("{\"Warnings\":null}\n");
    assertThat(docker.asked)
        .containsExactly(
            "update "
                + docker.containers.getFirst().id()
                + " "
                + before.resources().with().cpuShares(7).build()
                + " "
                + new RestartPolicy(RestartPolicy.Kind.ALWAYS, 0)
                + " {}");
  }
}
