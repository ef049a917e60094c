package io.jcompose.cli.login;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CredentialHelperTest {
  @TempDir Path temp;

  private CredentialHelper with(String script, int seconds) throws Exception {
    Path program = temp.resolve("helper");
    Files.writeString(program, "#!/bin/sh\n" + script + "\n");
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
    return new CredentialHelper(program.toString(), Duration.ofSeconds(seconds));
  }

  private CredentialHelper with(String script) throws Exception {
    return with(script, 60);
  }

  @Test
  void getsStoresAndErases() throws Exception {
    Path kept = temp.resolve("kept");
    CredentialHelper helper =
        with(
            """
            case $1 in
              store) cat >%1$s;;
              get) read server; test -e %1$s || { echo credentials not found in native keychain; exit 1; }; cat %1$s;;
              erase) rm %1$s;;
            esac
            """
                .formatted(kept));
    assertThat(helper.get("reg.test")).isEmpty();
    helper.store("reg.test", new Login("joe", "a\"b"));
    assertThat(Files.readString(kept)).contains("\"ServerURL\": \"reg.test\"");
    assertThat(helper.get("reg.test")).contains(new Login("joe", "a\"b"));
    helper.erase("reg.test");
    assertThat(helper.get("reg.test")).isEmpty();
  }

  @Test
  void tellsWhyItFailsButNoSecret() throws Exception {
    assertThatThrownBy(() -> with("echo the vault is locked; exit 3").get("reg.test"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("ended with 3: the vault is locked");
    assertThatThrownBy(() -> with("echo topsecret").get("reg.test"))
        .hasMessageContaining("gave no JSON")
        .message()
        .doesNotContain("topsecret");
    assertThatThrownBy(() -> with("exit 1").store("reg.test", new Login("joe", "topsecret")))
        .hasMessageContaining("store` ended with 1")
        .message()
        .doesNotContain("topsecret");
    assertThatThrownBy(
            () -> new CredentialHelper("docker-credential-none", Duration.ofSeconds(60)).get("x"))
        .hasMessageContaining("docker-credential-none cannot be run");
    assertThatThrownBy(() -> CredentialHelper.of("../../bin/sh"))
        .hasMessageContaining("invalid credential helper");
  }

  @Test
  void isEndedWithAllItStartedWhenItHangs() throws Exception {
    Path pids = temp.resolve("pids");
    CredentialHelper helper = with("sleep 1000 & echo $$ $! > " + pids + "; wait", 2);
    assertThatThrownBy(() -> helper.get("reg.test")).hasMessageContaining("does not answer in 2 s");
    for (String pid : Files.readString(pids).strip().split(" ")) {
      ProcessHandle.of(Long.parseLong(pid)).ifPresent(left -> left.onExit().join());
    }
  }

  @Test
  void itsOutputHasABound() throws Exception {
    assertThatThrownBy(() -> with("cat /dev/zero").get("reg.test"))
        .hasMessageContaining("gave more than");
  }

  @Test
  void aLargeLoginIsNoDeadlock() throws Exception {
    with("head -c 60000 /dev/zero; exit 0")
        .store("reg.test", new Login("joe", "x".repeat(1 << 20)));
  }
}
