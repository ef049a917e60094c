package io.jcompose.cli.login;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.jcompose.cli.wire.JsonTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DockerConfigTest {
  @TempDir Path temp;

  private Path file() {
    return temp.resolve("docker/config.json");
  }

  private DockerConfig with(String text) throws IOException {
    Files.createDirectories(temp.resolve("docker"));
    Files.writeString(file(), text);
    return DockerConfig.read(file());
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  @Test
  void findsWhatDockerFinds() throws Exception {
    DockerConfig config =
        with(
            """
            {"auths": {
              "https://index.docker.io/v1/": {"auth": "aHViOnM6ZWNyZXQ="},
              "https://old.test:5000/v1/": {"username": "joe", "password": "p"},
              "token.test": {"auth": "am9lOg==", "identitytoken": "abc"},
              "empty.test": {}, "broken.test": {"auth": "!!!"}, "odd.test": 7}}
            """);
    assertThat(config.login("docker.io")).contains(new Login("hub", "s:ecret"));
    assertThat(config.login("old.test:5000")).contains(new Login("joe", "p"));
    assertThat(config.login("token.test")).contains(new Login("<token>", "abc"));
    for (String without : new String[] {"empty.test", "broken.test", "odd.test", "none.test"}) {
      assertThat(config.login(without)).isEmpty();
    }
    assertThat(config.mayHaveLogins()).isTrue();
    assertThat(with("{\"auths\": {}, \"psFormat\": \"x\"}").mayHaveLogins()).isFalse();
  }

  @Test
  void aRegistryHasManyNames() {
    for (String hub : new String[] {"", "docker.io", "https://index.docker.io/v1/"}) {
      assertThat(DockerConfig.registry(hub)).isEqualTo("docker.io");
    }
    assertThat(DockerConfig.registry("https://reg.test:5000/v2/")).isEqualTo("reg.test:5000");
    assertThat(DockerConfig.file(Map.of("HOME", "/h"))).hasToString("/h/.docker/config.json");
    assertThat(DockerConfig.file(Map.of("HOME", "/h", "DOCKER_CONFIG", "/d")))
        .hasToString("/d/config.json");
  }

  @Test
  void keepsALoginForItsUserAlone() throws Exception {
    DockerConfig config = DockerConfig.read(file());
    assertThat(config.store("reg.test", new Login("joe", "sec\"ret\n"))).isTrue();
    assertThat(mode(file())).isEqualTo("rw-------");
    assertThat(mode(temp.resolve("docker"))).isEqualTo("rwx------");
    assertThat(DockerConfig.read(file()).login("reg.test"))
        .contains(new Login("joe", "sec\"ret\n"));
    assertThat(Files.list(temp.resolve("docker"))).containsExactly(file());
  }

  @Test
  void keepsWhatItDoesNotKnowAndReplacesOtherSpellings() throws Exception {
    DockerConfig config =
        with(
            """
            {"HttpHeaders": {"X": "\\u00e4\\ud83d\\ude00/"}, "auths": {"https://reg.test/v1/": {"auth": "eDp5"},
             "other.test": {"auth": "eDp5", "email": "e"}}, "detachKeys": "ctrl-x", "n": [1.50e3, true, null, {}]}
            """);
    Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString("rw-r--r--"));
    config.store("reg.test", new Login("<token>", "identity"));
    config.store("docker.io", new Login("hub", "p"));
    assertThat(mode(file())).isEqualTo("rw-------");
    String text = Files.readString(file());
    assertThat(text)
        .contains("\t\"HttpHeaders\": {\n\t\t\"X\": \"ä\\ud83d\\ude00/\"\n\t}")
        .contains("\"email\": \"e\"", "\"detachKeys\": \"ctrl-x\"", "1.50e3", "null", "{}")
        .contains("\"https://index.docker.io/v1/\": {\n\t\t\t\"auth\": \"aHViOnA=\"")
        .contains("\"identitytoken\": \"identity\"")
        .doesNotContain("https://reg.test/v1/");
    DockerConfig after = DockerConfig.read(file());
    assertThat(after.remove("reg.test")).isTrue();
    assertThat(after.remove("reg.test")).isFalse();
    assertThat(Files.readString(file())).doesNotContain("identity\"").contains("other.test");
  }

  @Test
  void followsALinkAndLeavesItOne() throws Exception {
    Path target = Files.writeString(temp.resolve("target.json"), "{}");
    Files.createDirectories(temp.resolve("docker"));
    Files.createSymbolicLink(file(), target);
    DockerConfig.read(file()).store("reg.test", new Login("joe", "p"));
    assertThat(file()).isSymbolicLink();
    assertThat(Files.readString(target)).contains("reg.test");
  }

  /** A folder's owner may put a link in the place of a file that root is about to give away. */
  @Test
  void givesNothingAwayThatALinkLeadsTo() throws Exception {
    assumeThat(System.getProperty("user.name")).as("runs as root").isEqualTo("root");
    Path users = Files.writeString(temp.resolve("users"), "");
    Files.setAttribute(users, "unix:uid", 1000);
    Path roots = Files.writeString(temp.resolve("roots"), "");
    Path link = Files.createSymbolicLink(temp.resolve("link"), roots);
    SecretFile.keepOwner(users, link);
    assertThat(Files.getAttribute(roots, "unix:uid")).isEqualTo(0);
    assertThat(Files.getAttribute(link, "unix:uid", LinkOption.NOFOLLOW_LINKS)).isEqualTo(1000);
    Files.createDirectories(temp.resolve("docker"));
    Files.setAttribute(temp.resolve("docker"), "unix:uid", 1000);
    DockerConfig.read(file()).store("reg.test", new Login("joe", "p"));
    assertThat(Files.getAttribute(file(), "unix:uid")).isEqualTo(1000);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[]",
        "{",
        "{\"a\" 1}",
        "{\"a\": }",
        "{\"a\": \"x}",
        "{\"a\": \"\\u12\"}",
        "{\"a\": \"\\q\"}",
        "{} {}",
        "{\"a\": nul}",
        "{,}",
        "x",
        "{\"a\": [1,]}",
        "{\"a\": \"\\"
      })
  void refusesWhatIsNoConfigurationAndLeavesItAlone(String text) throws Exception {
    assertThatThrownBy(() -> with(text))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("config.json is not valid JSON: line 1");
    assertThat(Files.readString(file())).isEqualTo(text);
  }

  @Test
  void refusesFilesWithoutBound() throws Exception {
    assertThatThrownBy(() -> with("{\"a\": " + "[".repeat(100_000)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("nested too deeply");
    assertThatThrownBy(() -> with("{\"a\": \"" + "x".repeat(2 << 20) + "\"}"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("larger than");
    Files.delete(file());
    Files.createDirectory(file());
    assertThatThrownBy(() -> DockerConfig.read(file())).isInstanceOf(IOException.class);
  }

  @Test
  void anyTextIsReadOrRefused() {
    Random random = new Random(7);
    String alphabet = "{}[]\",:\\u0a1.e-+ntf\n ";
    for (int round = 0; round < 20_000; round++) {
      StringBuilder text = new StringBuilder("{");
      for (int i = random.nextInt(30); i > 0; i--) {
        text.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      try {
        String once = JsonTree.write(JsonTree.parse(text.toString()));
        assertThat(JsonTree.write(JsonTree.parse(once))).isEqualTo(once);
      } catch (IllegalArgumentException e) {
        assertThat(e).hasMessageStartingWith("line ");
      }
    }
  }
}
