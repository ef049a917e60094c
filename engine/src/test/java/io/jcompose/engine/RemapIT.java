package io.jcompose.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.ContainerSpec.FileSpec;
import io.jcompose.core.ContainerSpec.Health;
import io.jcompose.core.ContainerSpec.MountSpec;
import io.jcompose.core.ContainerSpec.Security;
import io.jcompose.core.ContainerView.HealthStatus;
import io.jcompose.core.Contents.Archive;
import io.jcompose.core.Contents.Destination;
import io.jcompose.core.IdMap;
import io.jcompose.core.IdMap.Range;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networking;
import io.jcompose.core.Networking.PortSpec;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** All that is done with containers, on an engine that gives their users other ids of the host. */
@Timeout(60)
class RemapIT {
  private static final IdMap IDS =
      new IdMap(List.of(new Range(0, 200_000, 65536)), List.of(new Range(0, 300_000, 65536)));

  @RegisterExtension static final EngineFixture host = new EngineFixture(IDS);

  private static String uid(String ref) throws IOException {
    return Files.readAllLines(Path.of("/proc/" + host.view(ref).pid() + "/status")).stream()
        .filter(line -> line.startsWith("Uid:"))
        .findFirst()
        .orElse("")
        .split("\t")[1];
  }

  private static Security userns(String pid, String users) {
    return Security.DEFAULT
        .with()
        .capAdd(List.of("NET_ADMIN"))
        .sysctls(Map.of("net.ipv4.ip_forward", "1"))
        .pidMode(pid)
        .usernsMode(users)
        .build();
  }

  @Test
  void servesOnANetworkThatItsUserNamespaceOwns() throws Exception {
    host.network("own");
    TestSpec spec =
        host.spec("web")
            .sh(
                "cat /proc/sys/net/ipv4/ip_forward; ls /sys/class/net; echo 127.0.0.1 extra >>"
                    + " /etc/hosts; (echo pong; id -u) | nc -l -p 80");
    spec.on("own", new PortSpec("127.0.0.1", 18090, 18090, 80, "tcp"));
    spec.security = userns("", "");
    host.start(spec);
    assertThat(uid("web")).isEqualTo("200000");
    EngineFixture.await("its start", () -> host.log("web").contains("lo"));
    assertThat(host.log("web")).contains("1\n", "eth0").doesNotContain("denied");
    TestSpec asking = host.spec("asking").sh("nc web 80");
    asking.on("own");
    asking.user = "1000";
    String answer = host.log(host.run(asking));
    assertThat(answer).isEqualTo("pong\n0\n");
  }

  @Test
  void ownsItsVolumesAndSecretsAndCopiesBothWays() throws Exception {
    Path secret = Files.writeString(host.root.resolve("secret"), "of the host\n");
    Files.setAttribute(secret, "unix:mode", 0600);
    TestSpec spec =
        host.spec("box")
            .sh(
                "id -u; stat -c %u:%g:%a /v /run/s /run/t; cat /run/s /run/t; touch /v/f /declared/f"
                    + " /layer; chown 7:8 /v/f /layer; echo up; exec sleep 1000");
    spec.mounts.add(new MountSpec.Volume("data", "/v", false, false, ""));
    spec.files.add(new FileSpec("s", "/run/s", secret, null, -1, -1, -1, true));
    spec.files.add(new FileSpec("t", "/run/t", null, "given\n", 5, 6, 0400, true));
    spec.health =
        new Health(
            List.of("CMD-SHELL", "test -e /v/f"),
            Duration.ofMillis(100),
            Duration.ofSeconds(20),
            Duration.ZERO,
            Duration.ofMillis(100),
            3);
    String id = host.start(spec);
    EngineFixture.await("its files", () -> host.log("box").contains("up"));
    assertThat(host.log("box"))
        .contains("0\n0:0:755\n0:0:600\n5:6:400\nof the host\ngiven\n")
        .doesNotContain("denied");
    EngineFixture.await("health", () -> host.view("box").health() == HealthStatus.HEALTHY);
    assertThat(host.exec("box", "id -u; stat -c %u /v/f; echo x > /layer; cat /layer"))
        .isEqualTo("0\n7\nx\n");
    for (boolean runs : List.of(true, false)) {
      assertThat(owners("/v/.")).contains("./ 0:0", "./f 7:8");
      assertThat(owners("/layer")).containsExactly("layer 7:8");
      put("/v", runs ? "in" : "later", 9, 10);
      put("/", runs ? "atroot" : "laterroot", 11, 12);
      assertThat(owners("/v/" + (runs ? "in" : "later")))
          .hasSize(1)
          .allMatch(o -> o.contains("9:10"));
      if (runs) {
        assertThat(host.exec("box", "stat -c %u:%g /v/in /atroot; cat /v/in"))
            .isEqualTo("9:10\n11:12\nhello");
        host.containers().kill("box", "KILL");
        host.containers().await("box");
      }
    }
    ByteArrayOutputStream exported = new ByteArrayOutputStream();
    host.engine().contents().export("box", exported);
    assertThat(entries(exported.toByteArray())).contains("layer 7:8", "atroot 11:12");
    assertThat(host.engine().contents().changes("box").toString()).contains("/layer", "/atroot");
    assertThat(Files.getAttribute(host.container(id).resolve("upper/layer"), "unix:uid"))
        .isEqualTo(7);
    Files.delete(secret);
  }

  private static List<String> owners(String path) throws IOException {
    ByteArrayOutputStream tar = new ByteArrayOutputStream();
    try (Archive archive = host.engine().contents().open("box", path, false)) {
      archive.writeTo(tar);
    }
    return entries(tar.toByteArray());
  }

  private static List<String> entries(byte[] tar) throws IOException {
    List<String> found = new ArrayList<>();
    try (TarArchiveInputStream in = new TarArchiveInputStream(new ByteArrayInputStream(tar))) {
      for (TarArchiveEntry e = in.getNextEntry(); e != null; e = in.getNextEntry()) {
        found.add(e.getName() + " " + e.getLongUserId() + ":" + e.getLongGroupId());
      }
    }
    return found;
  }

  private static void put(String directory, String name, int uid, int gid) throws IOException {
    ByteArrayOutputStream tar = new ByteArrayOutputStream();
    try (TarArchiveOutputStream out = new TarArchiveOutputStream(tar)) {
      TarArchiveEntry entry = new TarArchiveEntry(name);
      entry.setIds(uid, gid);
      entry.setSize(5);
      out.putArchiveEntry(entry);
      out.write("hello".getBytes(StandardCharsets.US_ASCII));
      out.closeArchiveEntry();
    }
    host.engine()
        .contents()
        .write(
            "box",
            new Destination(directory, name, false, false),
            new ByteArrayInputStream(tar.toByteArray()));
  }

  @Test
  void sharesVolumesAndNamespacesWithOthers() throws Exception {
    TestSpec first = host.spec("first").sh("echo mine > /v/f; chown 3:3 /v/f; exec sleep 1000");
    first.mounts.add(new MountSpec.Volume("data", "/v", false, false, ""));
    String id = host.start(first);
    TestSpec second = host.spec("second").sh("stat -c %u /v/f; exec sleep 1000");
    second.mounts.add(new MountSpec.Volume("data", "/v", false, false, ""));
    second.security = userns("", "host");
    String hosts = host.start(second);
    assertThat(uid("second")).isEqualTo("0");
    EngineFixture.await("the host's", () -> host.log("second").equals("3\n"));

    TestSpec third = host.spec("third").sh("ls /proc/1/ns; cat /sys/class/net/lo/mtu; id -u");
    third.networking = Networking.NONE.withMode("container:" + id);
    assertThat(host.log(host.run(third))).contains("65536\n0\n");
    TestSpec fourth = host.spec("fourth").sh("cat /proc/1/cmdline; cat /sys/class/net/lo/mtu");
    fourth.security = userns("container:" + id, "");
    assertThat(host.log(host.run(fourth))).contains("sleep").contains("65536");
    TestSpec fifth = host.spec("fifth");
    fifth.networking = Networking.NONE.withMode("container:" + hosts);
    host.create(fifth);
    assertThatThrownBy(() -> host.containers().start("fifth"))
        .isInstanceOf(JcomposeException.Conflict.class)
        .hasMessageContaining("in the host's user namespace");
  }

  @Test
  void keepsItsIdsWhenTheEngineComesBackAndItsFilesWithoutThem() throws Exception {
    host.start(host.spec("kept").sh("touch /f; chown 5 /f; exec sleep 1000"));
    host.reopen();
    assertThat(host.exec("kept", "id -u; stat -c %u /f; ls -n /tmp")).startsWith("0\n5\n");
    host.containers().stop("kept", Duration.ZERO, true);
    host.containers().start("kept");
    assertThat(uid("kept")).isEqualTo("200000");
    assertThat(host.exec("kept", "stat -c %u /f")).isEqualTo("5\n");
    host.ids = IdMap.HOST;
    host.reopen();
    assertThat(uid("kept")).isEqualTo("200000");
    assertThat(host.exec("kept", "id -u; stat -c %u /f")).isEqualTo("0\n5\n");
    host.containers().stop("kept", Duration.ZERO, true);
    host.containers().start("kept");
    assertThat(uid("kept")).isEqualTo("0");
    assertThat(host.exec("kept", "stat -c %u /f")).isEqualTo("5\n");
    host.ids = IDS;
    host.reopen();
    assertThatThrownBy(() -> host.create(privileged()))
        .hasMessageContaining("privileged mode is incompatible with user namespaces");
  }

  private static TestSpec privileged() {
    TestSpec spec = host.spec("privileged");
    spec.security = Security.DEFAULT.withPrivileged(true);
    return spec;
  }
}
