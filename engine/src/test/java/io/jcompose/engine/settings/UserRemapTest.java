package io.jcompose.engine.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerSpec.Security;
import io.jcompose.core.IdMap;
import io.jcompose.core.IdMap.Range;
import io.jcompose.core.JcomposeException;
import io.jcompose.engine.spec.ContainerChecks;
import io.jcompose.linux.HostAccounts.Account;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UserRemapTest {
  private static final IdMap MAPPED =
      new IdMap(List.of(new Range(0, 100_000, 10)), List.of(new Range(0, 100_000, 10)));

  @TempDir private Path etc;

  private static final List<Account> USERS =
      List.of(
          new Account("root", 0),
          new Account("dockremap", 990),
          new Account("joe", 1000),
          new Account("poor", 1001));
  private static final List<Account> GROUPS =
      List.of(
          new Account("root", 0),
          new Account("dockremap", 980),
          new Account("joe", 1000),
          new Account("staff", 50),
          new Account("poor", 1001));

  private IdMap of(String setting) {
    return UserRemap.of(setting, etc, name -> find(USERS, name), name -> find(GROUPS, name));
  }

  private static Optional<Account> find(List<Account> accounts, String wanted) {
    return accounts.stream()
        .filter(each -> each.name().equals(wanted) || Long.toString(each.id()).equals(wanted))
        .findFirst();
  }

  @BeforeEach
  void write() throws IOException {
    Files.writeString(
        etc.resolve("subuid"), "dockremap:100000:65536\n1000:200000:10\njoe:300000:20\n");
    Files.writeString(
        etc.resolve("subgid"), "dockremap:100000:65536\njoe:400000:30\nstaff:500000:5\n");
  }

  @Test
  void findsTheSubordinateIdsOfAUserAndAGroup() {
    List<Range> standard = List.of(new Range(0, 100_000, 65536));
    assertThat(of("default")).isEqualTo(new IdMap(standard, standard));
    assertThat(of("990")).isEqualTo(new IdMap(standard, standard));
    List<Range> both = List.of(new Range(0, 200_000, 10), new Range(10, 300_000, 20));
    assertThat(of("joe")).isEqualTo(new IdMap(both, List.of(new Range(0, 400_000, 30))));
    assertThat(of("1000:50")).isEqualTo(new IdMap(both, List.of(new Range(0, 500_000, 5))));
    assertThat(of("").isHost()).isTrue();
  }

  @Test
  void refusesWhatIsMissing() throws IOException {
    assertThatThrownBy(() -> of("ghost"))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessageContaining("there is no user \"ghost\"");
    assertThatThrownBy(() -> of("poor"))
        .hasMessageContaining("subuid gives \"poor\" no ids")
        .hasMessageContaining("poor:100000:65536");
    assertThatThrownBy(() -> of("a:b:c")).hasMessageContaining("USER:GROUP");
    Files.writeString(etc.resolve("subuid"), "joe:0:65536\n");
    assertThatThrownBy(() -> of("joe")).hasMessageContaining("above the host's");
  }

  @Test
  void readsTheEnginesFile() throws IOException {
    Path json = etc.resolve("engine.json");
    assertThat(UserRemap.load(json).isHost()).isTrue();
    Files.writeString(json, "{\"registry-mirrors\": []}");
    assertThat(UserRemap.load(json).isHost()).isTrue();
    Files.writeString(json, "{\"userns-remap\": \"nobody-has-this-name\"}");
    assertThatThrownBy(() -> UserRemap.load(json)).hasMessageContaining("nobody-has-this-name");
  }

  @Test
  void translatesIds() {
    IdMap ids = of("joe");
    assertThat(ids.hostUser(0)).isEqualTo(200_000);
    assertThat(ids.hostUser(29)).isEqualTo(300_019);
    assertThat(ids.userInside(300_019)).isEqualTo(29);
    assertThat(ids.userInside(0)).isEqualTo(IdMap.NOBODY);
    assertThat(ids.hostGroup(3)).isEqualTo(400_003);
    assertThat(IdMap.text(ids.users())).isEqualTo("0 200000 10\n10 300000 20\n");
    assertThat(IdMap.HOST.hostUser(4_000_000)).isEqualTo(4_000_000);
  }

  @Test
  void refusesWhatDockerRefusesOfRemappedContainers() {
    assertThatThrownBy(() -> check(true, "", "", "none", MAPPED))
        .hasMessageStartingWith("privileged mode is incompatible with user namespaces.");
    assertThatThrownBy(() -> check(false, "", "", "host", MAPPED))
        .hasMessageStartingWith(
            "cannot share the host's network namespace when user namespaces are enabled");
    assertThatThrownBy(() -> check(false, "host", "", "none", MAPPED))
        .hasMessageStartingWith(
            "cannot share the host PID namespace when user namespaces are enabled");
    assertThatThrownBy(() -> check(false, "", "", "none", MAPPED, "host"))
        .hasMessageStartingWith("cannot share the host IPC namespace");
    assertThatThrownBy(() -> check(false, "", "mine", "none", IdMap.HOST))
        .hasMessageStartingWith("invalid userns mode: \"mine\"");
    check(true, "host", "host", "host", MAPPED);
    check(true, "host", "", "host", IdMap.HOST);
    check(false, "", "", "networks", MAPPED);
  }

  private static void check(
      boolean privileged, String pid, String users, String network, IdMap ids) {
    check(privileged, pid, users, network, ids, "");
  }

  private static void check(
      boolean privileged, String pid, String users, String network, IdMap ids, String ipc) {
    ContainerSpec base = ContainerSpec.of("test", "busybox");
    ContainerSpec spec =
        base.with()
            .security(
                Security.DEFAULT
                    .with()
                    .privileged(privileged)
                    .pidMode(pid)
                    .ipcMode(ipc)
                    .usernsMode(users)
                    .build())
            .networking(base.networking().with().mode(network).exposed(List.of()).build())
            .build();
    ContainerChecks.users(spec, ids);
  }
}
