package io.jcompose.images.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.RegistryLogins;
import io.jcompose.core.RegistryLogins.Login;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CredentialsTest {
  @TempDir Path temp;
  private final List<String> warnings = new ArrayList<>();

  private void warned(String what) {
    assertThat(warnings).singleElement(InstanceOfAssertFactories.STRING).contains(what);
    warnings.clear();
  }

  private Credentials with(String script) throws Exception {
    Path helper = temp.resolve("helper-test");
    Files.writeString(helper, "#!/bin/sh\n" + script + "\n");
    Files.setPosixFilePermissions(helper, PosixFilePermissions.fromString("rwx------"));
    Path file = temp.resolve("config.json");
    Files.writeString(file, "{\"credsStore\":\"test\"}");
    return new Credentials(
        file, temp.resolve("helper-").toString(), Duration.ofSeconds(2), warnings::add);
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
    warned("does not answer in PT2S");
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
      assertThat(warnings).hasSize(1); // by what it has written, or by its open output
    } finally {
      long left = Long.parseLong(Files.readString(pid).strip());
      ProcessHandle.of(left).ifPresent(ProcessHandle::destroyForcibly);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"true", "echo '{}'", "echo '{\"Username\":\"joe\",\"Secret\":\"\"}'"})
  void goesOnWithoutAHelperThatGivesNoSecret(String script) throws Exception {
    Credentials credentials = with("cat >/dev/null; " + script);
    assertThat(credentials.find("host")).isEmpty();
    assertThat(credentials.find("host")).isEmpty();
    warned("gave no login"); // once
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
    assertThat(of(file).find("host")).contains(new RegistryLogins.Login("x", "y"));
    int rest = auths.formatted("").length();
    Files.writeString(file, auths.formatted("x".repeat((1 << 20) - rest)));
    assertThat(of(file).find("host")).isPresent();
    assertThat(warnings).isEmpty();
    Files.writeString(file, auths.formatted("x".repeat((1 << 20) - rest + 1)));
    assertThat(of(file).find("host")).isEmpty();
    warned("is no file, or too large");
    assertThat(of(temp).find("host")).isEmpty();
    warned("is no file, or too large");
  }

  private Credentials of(String json) throws Exception {
    return of(Files.writeString(temp.resolve("config.json"), json));
  }

  private Credentials of(Path file) {
    return new Credentials(
        file, temp.resolve("helper-").toString(), Duration.ofSeconds(2), warnings::add);
  }

  private static String encoded(String pair) {
    return Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void readsALoginOfEachForm() throws Exception {
    Credentials credentials =
        of(
            """
            {"auths": {
              "pair.test": {"auth": "%s"},
              "plain.test": {"username": "joe", "password": "p"},
              "token.test": {"auth": "%s", "identitytoken": "t"},
              "padded.test": {"auth": "%s"}}}
            """
                .formatted(encoded("joe:a:b"), encoded("joe:x"), encoded("joe:p\0\0")));
    assertThat(credentials.find("pair.test")).contains(new Login("joe", "a:b"));
    assertThat(credentials.find("plain.test")).contains(new Login("joe", "p"));
    assertThat(credentials.find("token.test")).contains(new Login(Login.IDENTITY_TOKEN, "t"));
    assertThat(credentials.find("padded.test")).contains(new Login("joe", "p"));
    assertThat(credentials.find("other.test")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"{}", "{\"auth\": \"!\"}", "{\"auth\": \"Og==\"}", "{\"password\": \"p\"}"})
  void aLoginWithoutAUserIsNone(String auth) throws Exception {
    assertThat(of("{\"auths\": {\"host\": " + auth + "}}").find("host")).isEmpty();
  }

  /** Docker's client wrote whole URLs for years. */
  @ParameterizedTest
  @ValueSource(strings = {"r.test:5000", "http://r.test:5000", "https://r.test:5000/v1/"})
  void aRegistryIsKnownByItsHost(String key) throws Exception {
    Credentials credentials =
        of("{\"auths\": {\"" + key + "\": {\"auth\": \"" + encoded("x:y") + "\"}}}");
    assertThat(credentials.find("r.test:5000")).contains(new Login("x", "y"));
    assertThat(credentials.find("r.test")).isEmpty();
  }

  @Test
  void theHubIsKnownByItsOldAddress() throws Exception {
    Credentials credentials =
        of(
            "{\"auths\": {\"https://index.docker.io/v1/\": {\"auth\": \""
                + encoded("x:y")
                + "\"}}}");
    assertThat(credentials.find("docker.io")).contains(new Login("x", "y"));
    assertThat(credentials.find("index.docker.io")).contains(new Login("x", "y"));
  }

  /** The helper is asked with what Docker asks it with. */
  @ParameterizedTest
  @CsvSource({
    "r.test, r.test, r.test",
    "docker.io, docker.io, https://index.docker.io/v1/",
    "https://index.docker.io/v1/, docker.io, https://index.docker.io/v1/"
  })
  void aRegistryMayHaveAHelperOfItsOwn(String key, String registry, String asked) throws Exception {
    with("exit 1");
    Path own = temp.resolve("helper-own");
    Files.writeString(
        own, "#!/bin/sh\necho \"{\\\"Username\\\":\\\"$(cat)\\\",\\\"Secret\\\":\\\"$1\\\"}\"\n");
    Files.setPosixFilePermissions(own, PosixFilePermissions.fromString("rwx------"));
    Files.writeString(
        temp.resolve("config.json"),
        "{\"credsStore\": \"test\", \"credHelpers\": {\"" + key + "\": \"own\"}}");
    Credentials credentials =
        new Credentials(
            temp.resolve("config.json"),
            temp.resolve("helper-").toString(),
            Duration.ofSeconds(20),
            warnings::add);
    assertThat(credentials.find(registry)).contains(new Login(asked, "get"));
    assertThat(credentials.find("other.test")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"../../bin/sh", "a b", "a/b"})
  void aHelpersNameIsNoPath(String name) throws Exception {
    Credentials credentials =
        of(
            "{\"credsStore\": \""
                + name
                + "\", \"auths\": {\"host\": {\"auth\": \""
                + encoded("x:y")
                + "\"}}}");
    assertThat(credentials.find("host")).contains(new Login("x", "y"));
    warned("invalid name of a credential helper");
  }

  @Test
  void goesOnWithoutAHelperThatIsNotThereOrFails() throws Exception {
    String rest = "\"auths\": {\"host\": {\"auth\": \"" + encoded("x:y") + "\"}}}";
    assertThat(of("{\"credsStore\": \"nosuch\", " + rest).find("host"))
        .contains(new Login("x", "y"));
    warned("cannot be used");
    assertThat(with("cat >/dev/null; echo '{\"Secret\":\"s\"}'; exit 1").find("host")).isEmpty();
    warned("failed");
    assertThat(with("cat >/dev/null; echo credentials not found; exit 1").find("host")).isEmpty();
    assertThat(warnings).isEmpty();
  }

  @Test
  void goesOnWithoutAFileThatIsNotJson() throws Exception {
    assertThat(of("{").find("host")).isEmpty();
    warned("is not valid JSON");
    assertThat(of("").find("host")).isEmpty();
    assertThat(warnings).isEmpty();
  }

  @Test
  void itsStateChangesWithTheFile() throws Exception {
    Path file = temp.resolve("config.json");
    Credentials credentials = new Credentials(file);
    assertThat(credentials.state()).isEmpty();
    Files.writeString(file, "{}");
    String first = credentials.state();
    assertThat(first).isNotEmpty().isEqualTo(credentials.state());
    Files.writeString(file, "{ }");
    assertThat(credentials.state()).isNotEqualTo(first);
  }
}
