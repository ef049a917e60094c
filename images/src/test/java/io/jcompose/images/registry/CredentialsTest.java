package io.jcompose.images.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.RegistryLogins;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CredentialsTest {
  @TempDir Path temp;

  private Credentials with(String script) throws Exception {
    Path helper = temp.resolve("helper-test");
    Files.writeString(helper, "#!/bin/sh\n" + script + "\n");
    Files.setPosixFilePermissions(helper, PosixFilePermissions.fromString("rwx------"));
    Path file = temp.resolve("config.json");
    Files.writeString(file, "{\"credsStore\":\"test\"}");
    return new Credentials(file, temp.resolve("helper-").toString(), Duration.ofSeconds(2));
  }

  @Test
  void asksAHelper() throws Exception {
    Credentials credentials =
        with("cat >/dev/null; echo '{\"Username\":\"joe\",\"Secret\":\"s\"}'");
    assertThat(credentials.find("host")).contains(new RegistryLogins.Login("joe", "s"));
  }

  @Test
  void goesOnWithoutAHelperThatHangsAndEndsIt() throws Exception {
    Path pids = temp.resolve("pids");
    Credentials credentials = with("sleep 1000 & echo $$ $! > " + pids + "; wait");
    assertThat(credentials.find("host")).isEmpty();
    for (String pid : Files.readString(pids).strip().split(" ")) {
      ProcessHandle.of(Long.parseLong(pid)).ifPresent(left -> left.onExit().join());
    }
  }

  @Test
  void goesOnWithoutAHelperThatLeavesAProcessWithItsOutput() throws Exception {
    Path pid = temp.resolve("pid");
    Credentials credentials = with("sleep 1000 & echo $! > " + pid + "; exit 0");
    try {
      assertThat(credentials.find("host")).isEmpty();
    } finally {
      long left = Long.parseLong(Files.readString(pid).strip());
      ProcessHandle.of(left).ifPresent(ProcessHandle::destroyForcibly);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"true", "echo '{}'", "echo '{\"Username\":\"joe\",\"Secret\":\"\"}'"})
  void goesOnWithoutAHelperThatGivesNoSecret(String script) throws Exception {
    assertThat(with("cat >/dev/null; " + script).find("host")).isEmpty();
  }

  @Test
  void goesOnWithoutAHelperThatWritesForEver() throws Exception {
    assertThat(with("cat /dev/zero").find("host")).isEmpty();
  }

  @Test
  void goesOnWithoutAFileThatIsNoneOrTooLarge() throws Exception {
    Path file = temp.resolve("large.json");
    String auths = "{\"auths\": {\"host\": {\"auth\": \"eDp5\"}}, \"x\": \"%s\"}";
    Files.writeString(file, auths.formatted("x"));
    assertThat(new Credentials(file).find("host")).contains(new RegistryLogins.Login("x", "y"));
    Files.writeString(file, auths.formatted("x".repeat(2 << 20)));
    assertThat(new Credentials(file).find("host")).isEmpty();
    assertThat(new Credentials(temp).find("host")).isEmpty();
  }
}
