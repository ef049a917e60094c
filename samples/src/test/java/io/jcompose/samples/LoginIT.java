package io.jcompose.samples;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.samples.Commands.Result;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two people with logins of their own at one registry, and one engine for both. */
class LoginIT {
  private static final String ALICE = "DOCKER_CONFIG=$JCOMPOSE_ROOT/alice; export DOCKER_CONFIG; ";
  private static final String BOB = "DOCKER_CONFIG=$JCOMPOSE_ROOT/bob; export DOCKER_CONFIG; ";

  @TempDir Path root;
  private Path folder;
  private Stage stage;
  private HostileRegistry registry;

  @BeforeEach
  void open() throws Exception {
    folder = Files.createDirectory(root.resolve("private"));
    stage = new Stage(root, Map.of("HOME", root.resolve("nobody").toString()));
    registry = new HostileRegistry();
    String image = registry.image("private", "");
    registry.restrict("private", "alice:w0nder:land");
    registry.restrict("public", "alice:w0nder:land", "bob:bu1lder");
    Files.writeString(
        folder.resolve("compose.yaml"),
        "services: {a: {image: %s, command: sleep 100000, stop_signal: SIGKILL}}\n"
            .formatted(image));
  }

  @AfterEach
  void leavesNothing() throws Exception {
    stage.ok(folder, "down", "-v");
    stage.close();
    registry.close();
  }

  /** What the script says of its failure. */
  private String refusal(String script) throws Exception {
    Path out = root.resolve("refusal");
    String text =
        stage.shell(folder, "(" + script + ") >" + out + " 2>&1 && echo succeeded; cat " + out);
    assertThat(text).doesNotContain("succeeded");
    return text;
  }

  private String login(String who, String user, String password) {
    return who
        + "printf '%s' '%s' | $J login -u %s --password-stdin %s"
            .formatted("%s", password, user, registry.host());
  }

  @Test
  void eachPullsWithHisOwnLoginAndNobodyElses() throws Exception {
    assertThat(refusal(login(BOB, "bob", "wr0ng")))
        .contains("unauthorized")
        .doesNotContain("wr0ng");
    assertThat(root.resolve("bob")).doesNotExist();
    assertThat(stage.shell(folder, login(ALICE, "alice", "w0nder:land") + " 2>&1"))
        .contains("Login Succeeded", "stored unencrypted in '" + root.resolve("alice"));
    assertThat(stage.shell(folder, "stat -c '%a %n' $JCOMPOSE_ROOT/alice/*"))
        .isEqualTo("600 " + root.resolve("alice/config.json") + "\n");
    stage.shell(folder, login(BOB, "bob", "bu1lder"));
    for (String who : List.of(BOB, "")) {
      for (String command :
          List.of(
              "up -d", "run a true", "pull", "create", "up", "config --resolve-image-digests")) {
        assertThat(refusal(who + "$J " + command))
            .contains("pull access denied for " + registry.host() + "/private")
            .contains("jcompose login " + registry.host());
      }
    }
    assertThat(stage.shell(folder, ALICE + "$J config --lock-image-digests"))
        .contains("private:1@sha256:");
    stage.shell(folder, ALICE + "$J up -d");
    // As with Docker: who has the engine has what is there; the registry's word is its own.
    stage.shell(folder, BOB + "$J up -d --force-recreate && $J run --rm a true");
    assertThat(refusal(BOB + "$J up -d --pull always")).contains("pull access denied");
    assertThat(refusal("$J pull")).contains("pull access denied");
    stage.shell(
        folder, ALICE + "$J up -d --pull always && $J down --rmi all && $J run --rm a true");
  }

  @Test
  void theEngineKeepsNothingOfALogin() throws Exception {
    stage.shell(folder, login(ALICE, "alice", "w0nder:land") + " && $J up -d && $J pull");
    byte[] pair = "alice:w0nder:land".getBytes(StandardCharsets.UTF_8);
    String encoded = Base64.getEncoder().encodeToString(pair);
    assertThat(
            stage.shell(
                folder,
                "grep -rlsE 'w0nder|%s' $JCOMPOSE_ROOT/lib $JCOMPOSE_ROOT/run || :"
                    .formatted(encoded)))
        .isEmpty();
    assertThat(stage.shell(folder, "cat $JCOMPOSE_ROOT/lib/engine.log"))
        .contains("request=login arguments=[" + registry.host() + "]");
    stage.stopEngine();
    // Also an engine that her own command starts, with her folder in its environment.
    stage.shell(folder, ALICE + "$J ps");
    assertThat(refusal(BOB + "$J pull")).contains("pull access denied");
    assertThat(stage.shell(folder, ALICE + "$J logout " + registry.host()))
        .isEqualTo("Removing login credentials for " + registry.host() + "\n");
    assertThat(stage.shell(folder, ALICE + "$J logout " + registry.host()))
        .contains("Not logged in");
    assertThat(refusal(ALICE + "$J pull")).contains("pull access denied");
  }

  @Test
  void aHelperIsAskedForTheRegistriesOfTheProjectOnly() throws Exception {
    Path helper = Files.createDirectory(root.resolve("bin")).resolve("docker-credential-test");
    Files.writeString(
        helper,
        """
        #!/bin/sh
        cd "$JCOMPOSE_ROOT/alice"
        case $1 in
          store) cat >kept;;
          get) server=$(cat); echo "$server" >>asked; test -e kept && cat kept || { echo "credentials not found"; exit 1; };;
          erase) rm -f kept;;
        esac
        """);
    Files.createDirectory(root.resolve("alice"));
    Files.writeString(
        root.resolve("alice/config.json"),
        "{\"credsStore\": \"test\", \"auths\": {\"other.test\": {\"auth\": \"eDp5\"}}, \"psFormat\": \"x\"}");
    String path = "chmod 755 " + helper + "; PATH=" + root.resolve("bin") + ":$PATH; ";
    assertThat(stage.shell(folder, path + login(ALICE, "alice", "w0nder:land") + " 2>&1"))
        .isEqualTo("Login Succeeded\n");
    assertThat(Files.readString(root.resolve("alice/config.json")))
        .contains("psFormat", "other.test", registry.host() + "\": {}")
        .doesNotContain("w0nder");
    stage.shell(folder, path + ALICE + "$J up -d");
    stage.shell(folder, path + ALICE + "$J up -d"); // it is there: nobody is asked
    assertThat(root.resolve("alice/asked")).hasContent(registry.host());
    assertThat(stage.shell(folder, path + ALICE + "$J login " + registry.host()))
        .contains("Authenticating with existing credentials", "Login Succeeded");
    stage.shell(folder, path + ALICE + "$J logout " + registry.host());
    assertThat(root.resolve("alice/kept")).doesNotExist();
  }

  @Test
  void aPasswordIsTypedUnseenAndTheTerminalGivenBack() throws Exception {
    String typed = terminal("w0nder:land\\n");
    assertThat(typed).contains("Password: ", "Login Succeeded", "code 0").doesNotContain("w0nder");
    assertThat(typed).containsPattern("[^-]echo\\b");
    Files.delete(root.resolve("alice/config.json"));
    String interrupted = terminal("\\003");
    assertThat(interrupted).contains("code 130").containsPattern("[^-]echo\\b");
    Result piped = stage.jcompose(folder, "login", registry.host());
    assertThat(piped.exitCode()).isEqualTo(1);
    assertThat(piped.err()).contains("non TTY device");
  }

  /** What a terminal shows of a login; the keys are typed when it asks for the password. */
  private String terminal(String keys) throws Exception {
    Path script = root.resolve("terminal.sh");
    Files.writeString(
        script,
        "trap : INT\n"
            + ALICE
            + "$J login -u alice "
            + registry.host()
            + "\necho \"code $?\"\nstty -a | tr ';' '\\n' | grep -w icanon\necho END\n");
    Path out = Files.writeString(root.resolve("terminal.txt"), "");
    // without exec the shell of `script`, whichever $SHELL names, would stay and end by Ctrl-C
    stage.shell(
        folder,
        "( until grep -q 'Password: ' %1$s; do sleep 0.1; done; printf '%2$s'; until grep -q END %1$s; do sleep 0.1; done ) | script -qefc 'exec sh %3$s' /dev/null >%1$s"
            .formatted(out, keys, script));
    return Files.readString(out);
  }

  @Test
  void aLoginIsRefusedByTheAnswersKindNotByAWord() throws Exception {
    Files.createDirectory(root.resolve("alice"));
    Files.writeString(
        root.resolve("alice/config.json"),
        "{\"auths\": {\"unauthorized.test\": {\"auth\": \"eDp5\"}, \"%s\": {\"auth\": \"eDp5\"}}}"
            .formatted(registry.host()));
    assertThat(refusal(ALICE + "$J login unauthorized.test"))
        .contains("failed to log in to unauthorized.test")
        .doesNotContain("the stored login is refused");
    assertThat(refusal(ALICE + "$J login " + registry.host()))
        .contains("the stored login is refused", "non TTY device");
  }

  @Test
  void aBrokenFileIsToldAndLeftAlone() throws Exception {
    Files.createDirectory(root.resolve("alice"));
    Path file = Files.writeString(root.resolve("alice/config.json"), "{\"auths\": ");
    assertThat(refusal(ALICE + "$J pull"))
        .contains("config.json is not valid JSON", "going on without logins", "pull access denied");
    assertThat(refusal(login(ALICE, "alice", "w0nder:land"))).contains("is not valid JSON");
    assertThat(file).hasContent("{\"auths\": ");
  }
}
