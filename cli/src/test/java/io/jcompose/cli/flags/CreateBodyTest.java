package io.jcompose.cli.flags;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.cli.command.Command;
import io.jcompose.cli.command.CommandLineParser;
import io.jcompose.cli.command.DockerCommands;
import io.jcompose.cli.wire.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is typed, and the request that it makes: as docker's own command line sends it. */
class CreateBodyTest {
  @TempDir private Path folder;

  /** The words of {@code docker run}, before the image; parted by spaces, or by {@code |}. */
  private String body(String line) {
    List<String> words = new ArrayList<>(List.of(line.split(line.contains("|") ? "\\|" : " ")));
    words.removeIf(String::isEmpty);
    words.add("busybox");
    Command command = Objects.requireNonNull(DockerCommands.find("run"));
    CommandLineParser.Parsed parsed = CommandLineParser.parse(command, words);
    Flags flags = new Flags(command, parsed.options(), Map.of("SET", "here"), folder.toString());
    return new Json().value(CreateBody.of(flags, parsed.rest())).toString();
  }

  private String host(String line) {
    String body = body(line);
    int start = body.indexOf("\"HostConfig\":") + "\"HostConfig\":".length();
    int end = body.indexOf(",\"NetworkingConfig\"");
    return body.substring(start, end < 0 ? body.length() - 1 : end);
  }

  private String networks(String line) {
    String body = body(line);
    String member = "\"EndpointsConfig\":";
    int start = body.indexOf(member);
    return start < 0 ? "" : body.substring(start + member.length(), body.length() - 2);
  }

  private void refused(String line, String message) {
    assertThatThrownBy(() -> body(line)).hasMessage(message);
  }

  @Test
  void anImageAloneAsksForLittle() {
    assertThat(body(""))
        .isEqualTo(
            "{\"Image\":\"busybox\",\"AttachStdout\":true,\"AttachStderr\":true,\"HostConfig\":"
                + "{\"NetworkMode\":\"default\"},"
                + "\"NetworkingConfig\":{\"EndpointsConfig\":{\"default\":{}}}}");
    assertThat(body("-d"))
        .isEqualTo(
            "{\"Image\":\"busybox\",\"HostConfig\":{\"NetworkMode\":\"default\"},"
                + "\"NetworkingConfig\":{\"EndpointsConfig\":{\"default\":{}}}}");
  }

  @Test
  void inputIsOpenAndEndsWithItsCaller() {
    assertThat(body("-it"))
        .startsWith(
            "{\"Tty\":true,\"OpenStdin\":true,\"Image\":\"busybox\",\"AttachStdin\":true,"
                + "\"AttachStdout\":true,\"AttachStderr\":true,\"StdinOnce\":true,");
    assertThat(body("-i -d"))
        .startsWith("{\"OpenStdin\":true,\"Image\":\"busybox\",\"HostConfig\"");
    assertThat(body("-a stdout -a STDERR"))
        .startsWith("{\"Image\":\"busybox\",\"AttachStdout\":true,\"AttachStderr\":true,\"Host");
    assertThat(body("-i -a stdout"))
        .contains("\"AttachStdin\":true,\"AttachStdout\":true,\"StdinOnce\":true");
    refused("-d -a stdin", "conflicting options: cannot specify both --attach and --detach");
    refused(
        "-a foo",
        "invalid argument \"foo\" for \"-a, --attach\" flag: valid streams are STDIN, STDOUT and"
            + " STDERR");
  }

  @Test
  void theProgramIsAsItIsTyped() {
    assertThat(body("-h name --domainname d -u 1:2 -w /w --entrypoint sh --init --group-add 7"))
        .startsWith(
            "{\"Hostname\":\"name\",\"Domainname\":\"d\",\"User\":\"1:2\",\"Image\":\"busybox\","
                + "\"WorkingDir\":\"/w\",\"Entrypoint\":[\"sh\"],")
        .contains("\"HostConfig\":{\"Init\":true,\"GroupAdd\":[\"7\"],");
    assertThat(body("--entrypoint=")).contains("\"Entrypoint\":[\"\"]");
    assertThat(body("--stop-signal INT --stop-timeout 0"))
        .contains("\"StopSignal\":\"INT\",\"StopTimeout\":0,");
    assertThat(body("--init=false")).contains("\"Init\":false");
  }

  @Test
  void variablesComeFromFilesAndTheCaller() throws IOException {
    Files.writeString(folder.resolve("env"), "A=1\n# no\n  B=x y\nSET\nUNSET\n\n");
    assertThat(body("-e A=2 -e SET -e UNSET --env-file env"))
        .startsWith("{\"Env\":[\"A=1\",\"B=x y\",\"SET=here\",\"A=2\",\"SET=here\",\"UNSET\"],");
    refused(
        "-e =x",
        "invalid argument \"=x\" for \"-e, --env\" flag: invalid environment" + " variable: =x");
    Files.writeString(folder.resolve("env"), "a b=1\n");
    refused("--env-file env", "invalid env file (env): variable 'a b' contains whitespaces");
    refused("--env-file nosuch", "open nosuch: no such file or directory");
  }

  @Test
  void labelsComeFromFilesToo() throws IOException {
    Files.writeString(folder.resolve("labels"), "a=1\nb\n");
    assertThat(body("-l a=2 -l c --label-file labels"))
        .contains("\"Labels\":{\"a\":\"2\",\"b\":\"\",\"c\":\"\"}");
  }

  @Test
  void portsAreExposedAndPublished() {
    assertThat(body("-p 127.0.0.1:8080:80 -p 90/udp --expose 100-101"))
        .contains(
            "\"ExposedPorts\":{\"80/tcp\":{},\"90/udp\":{},\"100/tcp\":{},\"101/tcp\":{}}",
            "\"PortBindings\":{\"80/tcp\":[{\"HostIp\":\"127.0.0.1\",\"HostPort\":\"8080\"}],"
                + "\"90/udp\":[{\"HostIp\":\"\",\"HostPort\":\"\"}]}");
    assertThat(body("-p 8000-8001:80-81"))
        .contains(
            "{\"80/tcp\":[{\"HostIp\":\"\",\"HostPort\":\"8000\"}],"
                + "\"81/tcp\":[{\"HostIp\":\"\",\"HostPort\":\"8001\"}]}");
    assertThat(body("-p 8000-8009:80")).contains("\"HostPort\":\"8000-8009\"");
    assertThat(body("-p [::1]:8080:80")).contains("\"HostIp\":\"::1\",\"HostPort\":\"8080\"");
    assertThat(body("-p published=8080,target=80,protocol=udp"))
        .contains("{\"80/udp\":[{\"HostIp\":\"\",\"HostPort\":\"8080\"}]}");
    assertThat(host("-P")).contains("\"PublishAllPorts\":true");
  }

  @Test
  void portsThatAreNoneAreRefused() {
    refused("-p 70000:80", "Invalid hostPort: 70000");
    refused("-p 80/foo", "Invalid proto: foo");
    refused("-p 1.2.3.x:1:2", "Invalid ip address: 1.2.3.x");
    refused("-p 8080:", "No port specified: 8080:<empty>");
    refused("-p 1-3:4-5", "Invalid ranges specified for container and host Ports: 4-5 and 1-3");
    refused("--expose a:b", "invalid port format for --expose: a:b");
  }

  @Test
  void volumesHaveASourceOrNone() {
    assertThat(body("-v /a:/b:ro -v name:/c -v /d"))
        .contains("\"Volumes\":{\"/d\":{}}", "\"Binds\":[\"/a:/b:ro\",\"name:/c\"]");
    assertThat(host("-v ./x:/y")).contains("\"Binds\":[\"" + folder.resolve("x") + ":/y\"]");
    assertThat(host("--tmpfs /t --tmpfs /u:size=1m"))
        .contains("\"Tmpfs\":{\"/t\":\"\",\"/u\":\"size=1m\"}");
  }

  @Test
  void mountsHaveFields() {
    assertThat(host("--mount type=bind,src=.,dst=/m,ro,bind-propagation=rslave"))
        .contains(
            "\"Mounts\":[{\"Type\":\"bind\",\"Source\":\""
                + folder
                + "\",\"Target\":\"/m\",\"ReadOnly\":true,"
                + "\"BindOptions\":{\"Propagation\":\"rslave\"}}]");
    assertThat(
            host(
                "--mount source=v,target=/m,volume-nocopy,volume-label=a=b,volume-opt=o=ro,volume-subpath=s"))
        .contains(
            "\"VolumeOptions\":{\"NoCopy\":true,\"Subpath\":\"s\",\"Labels\":{\"a\":\"b\"},"
                + "\"DriverConfig\":{\"Options\":{\"o\":\"ro\"}}}");
    assertThat(host("--mount type=tmpfs,target=/m,tmpfs-size=1m,tmpfs-mode=1777"))
        .contains("\"TmpfsOptions\":{\"SizeBytes\":1048576,\"Mode\":1023}");
    assertThat(host("--mount|type=volume,\"target=/a,b\"|")).contains("\"Target\":\"/a,b\"");
    refused(
        "--mount type=foo",
        "invalid argument \"type=foo\" for \"--mount\" flag: target is required");
    refused(
        "--mount foo",
        "invalid argument \"foo\" for \"--mount\" flag: invalid field 'foo' must be a key=value"
            + " pair");
    refused(
        "--mount target=/a,tmpfs-size=1m",
        "invalid argument \"target=/a,tmpfs-size=1m\" for \"--mount\" flag: cannot mix 'tmpfs-*'"
            + " options with mount type 'volume'");
  }

  @Test
  void aNetworkAloneIsTheModeAndNoMore() {
    assertThat(host("--network own")).contains("\"NetworkMode\":\"own\"");
    assertThat(networks("--network own")).isEmpty();
    assertThat(networks("--net own --network-alias a --ip 10.0.0.2 --link c:d"))
        .isEqualTo(
            "{\"own\":{\"IPAMConfig\":{\"IPv4Address\":\"10.0.0.2\"},\"Links\":[\"c:d\"],"
                + "\"Aliases\":[\"a\"]}}");
    assertThat(host("--link c:d")).contains("\"Links\":[\"c:d\"]");
    assertThat(networks("--link c:d")).isEqualTo("{\"default\":{}}");
  }

  @Test
  void severalNetworksHaveTheirLongForm() {
    assertThat(networks("--network name=a,alias=x,ip=10.0.0.2,gw-priority=3 --network b"))
        .isEqualTo(
            "{\"a\":{\"IPAMConfig\":{\"IPv4Address\":\"10.0.0.2\"},\"Aliases\":[\"x\"],"
                + "\"GwPriority\":3},\"b\":{}}");
    refused("--network a --network a", "network \"a\" is specified multiple times");
    refused(
        "--network a --network host",
        "conflicting options: cannot attach both user-defined and non-user-defined network-modes");
    refused(
        "--network name=a,ip=10.0.0.2 --ip 10.0.0.3",
        "conflicting options: cannot specify both --ip and per-network IPv4 address");
    refused(
        "--network foo=bar",
        "invalid argument \"foo=bar\" for \"--network\" flag: invalid field key foo");
    refused("--mac-address foo", "foo is not a valid mac address");
  }

  @Test
  void namesAndServersAreLookedAt() {
    assertThat(host("--add-host a:1.2.3.4 --add-host b=host-gateway --add-host c:[::1]"))
        .contains("\"ExtraHosts\":[\"a:1.2.3.4\",\"b:host-gateway\",\"c:::1\"]");
    assertThat(host("--dns 1.2.3.4 --dns-search d --dns-opt ndots:3"))
        .contains("\"Dns\":[\"1.2.3.4\"],\"DnsSearch\":[\"d\"],\"DnsOptions\":[\"ndots:3\"]");
    refused(
        "--dns foo",
        "invalid argument \"foo\" for \"--dns\" flag: IP address is not correctly formatted: foo");
    refused(
        "--add-host foo",
        "invalid argument \"foo\" for \"--add-host\" flag: bad format for add-host: \"foo\"");
  }

  @Test
  void limitsAreNumbers() {
    assertThat(
            host(
                "--cpus 1.5 -c 512 --cpuset-cpus 0-1 -m 64m --memory-swap -1 --memory-reservation 1GiB"
                    + " --pids-limit -1 --shm-size 1k --oom-score-adj -5 --memory-swappiness 0"))
        .contains(
            "\"NanoCpus\":1500000000,\"CpuShares\":512,\"CpusetCpus\":\"0-1\",\"Memory\":67108864,"
                + "\"MemoryReservation\":1073741824,\"MemorySwap\":-1,\"PidsLimit\":-1,"
                + "\"MemorySwappiness\":0,\"OomScoreAdj\":-5,\"ShmSize\":1024");
    refused("-m 1x", "invalid argument \"1x\" for \"-m, --memory\" flag: invalid suffix: 'x'");
    refused("--shm-size x", "invalid argument \"x\" for \"--shm-size\" flag: invalid size: 'x'");
    refused(
        "--cpus x",
        "invalid argument \"x\" for \"--cpus\" flag: failed to parse x as a rational number");
    refused(
        "-c x",
        "invalid argument \"x\" for \"-c, --cpu-shares\" flag: strconv.ParseInt: parsing \"x\":"
            + " invalid syntax");
    refused(
        "--memory-swappiness 101", "invalid value: 101. Valid memory swappiness range is 0-100");
  }

  @Test
  void limitsOfProcessesAreSoftAndHard() {
    assertThat(host("--ulimit nofile=10:20 --ulimit core=-1 --ulimit nofile=30"))
        .contains(
            "\"Ulimits\":[{\"Name\":\"nofile\",\"Hard\":30,\"Soft\":30},"
                + "{\"Name\":\"core\",\"Hard\":-1,\"Soft\":-1}]");
    refused(
        "--ulimit nofile=5:1",
        "invalid argument \"nofile=5:1\" for \"--ulimit\" flag: ulimit soft limit must be less than"
            + " or equal to hard limit: 5 > 1");
    refused(
        "--ulimit foo=1",
        "invalid argument \"foo=1\" for \"--ulimit\" flag: invalid ulimit type: foo");
  }

  @Test
  void devicesHaveAPathAndRights() {
    assertThat(host("--device /dev/a --device /dev/a:/dev/b:r --device /dev/c:rw"))
        .contains(
            "\"Devices\":[{\"PathOnHost\":\"/dev/a\",\"PathInContainer\":\"/dev/a\","
                + "\"CgroupPermissions\":\"rwm\"},{\"PathOnHost\":\"/dev/a\","
                + "\"PathInContainer\":\"/dev/b\",\"CgroupPermissions\":\"r\"},"
                + "{\"PathOnHost\":\"/dev/c\",\"PathInContainer\":\"/dev/c\","
                + "\"CgroupPermissions\":\"rw\"}]");
    assertThat(host("--gpus all"))
        .contains("\"DeviceRequests\":[{\"Count\":-1,\"Capabilities\":[[\"gpu\"]]}]");
    assertThat(host("--gpus|\"device=0,1\"|"))
        .contains("{\"DeviceIDs\":[\"0\",\"1\"],\"Capabilities\":[[\"gpu\"]]}");
    assertThat(host("--device-read-bps /dev/sda:1mb --device-write-iops /dev/sda:10"))
        .contains(
            "\"BlkioDeviceReadBps\":[{\"Path\":\"/dev/sda\",\"Rate\":1048576}]",
            "\"BlkioDeviceWriteIOps\":[{\"Path\":\"/dev/sda\",\"Rate\":10}]");
    refused("--device foo", "foo is not an absolute path");
    refused(
        "--device-read-bps foo",
        "invalid argument \"foo\" for \"--device-read-bps\" flag: bad format: foo");
  }

  @Test
  void rightsAreAsked() throws IOException {
    Files.writeString(folder.resolve("p.json"), "{}");
    assertThat(
            host(
                "--privileged --read-only --cap-add a --cap-drop all --security-opt seccomp=p.json"
                    + " --security-opt no-new-privileges --security-opt systempaths=unconfined"))
        .contains(
            "\"Privileged\":true,\"ReadonlyRootfs\":true,\"CapAdd\":[\"a\"],\"CapDrop\":[\"all\"],"
                + "\"SecurityOpt\":[\"seccomp={}\",\"no-new-privileges\"],\"MaskedPaths\":[],"
                + "\"ReadonlyPaths\":[]");
    assertThat(host("--sysctl net.a=1")).contains("\"Sysctls\":{\"net.a\":\"1\"}");
    refused("--security-opt foo", "Invalid --security-opt: \"foo\"");
    refused(
        "--sysctl foo",
        "invalid argument \"foo\" for \"--sysctl\" flag: sysctl 'foo' is not allowed");
  }

  @Test
  void namespacesAreOwnOrJoined() {
    assertThat(host("--pid container:x --ipc host --uts host --userns host --cgroupns private"))
        .startsWith(
            "{\"IpcMode\":\"host\",\"PidMode\":\"container:x\",\"UTSMode\":\"host\","
                + "\"UsernsMode\":\"host\",\"CgroupnsMode\":\"private\",");
    refused("--pid foo", "--pid: invalid PID mode");
    refused("--cgroupns foo", "--cgroupns: invalid CGROUP mode");
  }

  @Test
  void healthIsChecked() {
    assertThat(body("--health-cmd|wget x|--health-interval|1m30s|--health-retries|2|"))
        .contains(
            "\"Healthcheck\":{\"Test\":[\"CMD-SHELL\",\"wget x\"],\"Interval\":90000000000,"
                + "\"Retries\":2}");
    assertThat(body("--no-healthcheck")).contains("\"Healthcheck\":{\"Test\":[\"NONE\"]}");
    refused(
        "--no-healthcheck --health-cmd a", "--no-healthcheck conflicts with --health-* options");
    refused(
        "--health-interval x",
        "invalid argument \"x\" for \"--health-interval\" flag: time: invalid duration \"x\"");
    refused("--health-timeout -1s", "--health-timeout cannot be negative");
  }

  @Test
  void endsAreAnsweredByAPolicy() {
    assertThat(host("--restart on-failure:3"))
        .contains("\"RestartPolicy\":{\"Name\":\"on-failure\",\"MaximumRetryCount\":3}");
    assertThat(host("--rm")).contains("\"AutoRemove\":true");
    refused("--rm --restart always", "conflicting options: cannot specify both --restart and --rm");
    refused("--restart :1", "invalid restart policy format: no policy provided before colon");
    refused(
        "--restart on-failure:x",
        "invalid restart policy format: maximum retry count must be an integer");
    assertThat(host("--log-driver local --log-opt max-size=1m"))
        .contains("\"LogConfig\":{\"Type\":\"local\",\"Config\":{\"max-size\":\"1m\"}}");
    refused("--log-driver none --log-opt a=b", "invalid logging opts for driver none");
  }

  @Test
  void whatIsOfWindowsOrGoneIsRefusedByName() {
    for (String flag : List.of("cpu-count", "cpu-percent", "io-maxiops", "kernel-memory")) {
      assertThatThrownBy(() -> body("--" + flag + " 1"))
          .hasMessageStartingWith("docker run: --" + flag + " is not supported: ");
    }
  }

  @Test
  void aValueMayLookLikeAnOption() {
    assertThat(body("-e -d --name --rm")).startsWith("{\"Env\":[\"-d\"],");
  }
}
