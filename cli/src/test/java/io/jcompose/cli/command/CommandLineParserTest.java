package io.jcompose.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.cli.terminal.CommandFailure;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class CommandLineParserTest {
  @Test
  void takesGlobalOptionsOnlyBeforeTheCommand() {
    var parsed =
        CommandLineParser.parse(
            GlobalOptions.all(),
            List.of("-f", "a.yaml", "-f", "b.yaml", "-p", "shop", "logs", "-f", "web"));
    assertThat(parsed.options())
        .isEqualTo(Map.of("file", List.of("a.yaml", "b.yaml"), "project-name", "shop"));
    assertThat(parsed.rest()).containsExactly("logs", "-f", "web");
  }

  @Test
  void takesOptionsAmongServices() {
    var parsed = parse("up", "web", "-d", "--scale", "web=2", "db", "--scale=db=1", "-t", "3");
    assertThat(parsed.options())
        .isEqualTo(Map.of("detach", true, "scale", List.of("web=2", "db=1"), "timeout", "3"));
    assertThat(parsed.rest()).containsExactly("web", "db");
  }

  @Test
  void leavesTheProgramsOwnOptionsAlone() {
    var parsed = parse("exec", "-T", "-e", "A=1", "web", "ls", "-la", "--env", "x");
    assertThat(parsed.options()).isEqualTo(Map.of("no-tty", true, "env", List.of("A=1")));
    assertThat(parsed.rest()).containsExactly("web", "ls", "-la", "--env", "x");
  }

  @Test
  void takesShortFlagsTogether() {
    assertThat(parse("exec", "-iT", "web", "sh").options())
        .isEqualTo(Map.of("no-tty", true, "interactive", true));
  }

  @Test
  void ofAnOptionThatIsGivenTwiceTheLastHolds() {
    assertThat(parse("logs", "--tail", "1", "-f", "-n2", "-f").options())
        .isEqualTo(Map.of("tail", "2", "follow", true));
    assertThat(parse("up", "-d", "--detach", "-t", "1", "-t=2").options())
        .isEqualTo(Map.of("detach", true, "timeout", "2"));
    assertThat(parse("run", "--rm=false", "--rm", "web").options()).isEqualTo(Map.of("rm", true));
    assertThat(parse("run", "--rm", "--rm=false", "web").options()).isEqualTo(Map.of("rm", false));
    assertThat(
            CommandLineParser.parse(
                    GlobalOptions.all(), List.of("-p", "a", "-p", "b", "--progress", "quiet"))
                .options())
        .isEqualTo(Map.of("project-name", "b", "progress", "quiet"));
  }

  @Test
  void aFlagTakesAValueByTheSignAlone() {
    var parsed = parse("up", "-d", "true", "--wait=0", "false", "-V=false", "--build=T");
    assertThat(parsed.options())
        .isEqualTo(
            Map.of("detach", true, "wait", false, "renew-anon-volumes", false, "build", true));
    assertThat(parsed.rest()).containsExactly("true", "false");
    assertThat(parse("up", "-dV", "false").options())
        .isEqualTo(Map.of("detach", true, "renew-anon-volumes", true));
    assertThat(parse("up", "-dV=false").options())
        .isEqualTo(Map.of("detach", true, "renew-anon-volumes", false));
    assertThat(parse("up", "--help=false").has("help")).isFalse();
    assertThatThrownBy(() -> parse("up", "-d=maybe"))
        .hasMessage("invalid value in --detach=maybe: true or false\nSee 'jcompose up --help'.");
  }

  @Test
  void takesWhatDockerComposeTakesWithoutAWordInItsHelp() {
    assertThat(parse("run", "-it", "--rm", "web", "-it").options())
        .isEqualTo(Map.of("interactive", true, "tty", true, "rm", true));
    assertThat(parse("exec", "--no-TTY", "web").options()).isEqualTo(Map.of("no-tty", true));
    assertThat(parse("run", "--volumes", "a:/a", "--labels", "k", "web").options())
        .isEqualTo(Map.of("volume", List.of("a:/a"), "label", List.of("k")));
    assertThat(parse("down", "--volume").options()).isEqualTo(Map.of("volumes", true));
    assertThat(parse("rm", "-af").options()).containsEntry("force", true);
    assertThat(parse("pull", "--parallel", "-q").options()).containsEntry("quiet", true);
    List<String> words = List.of("--verbose", "--no-ansi", "--workdir", "/x", "ps");
    assertThat(CommandLineParser.parse(GlobalOptions.all(), words).options())
        .containsEntry("project-directory", "/x");
  }

  @Test
  void refusesWhatItDoesNotCarryOut() {
    assertThatThrownBy(() -> parse("up", "--watch"))
        .isInstanceOf(CommandFailure.class)
        .hasMessageStartingWith("jcompose up: --watch is not supported: it is not carried out yet");
  }

  @Test
  void asksWhatAMisspeltOptionMeans() {
    assertThatThrownBy(() -> parse("up", "--detatch"))
        .hasMessage(
            "unknown flag: --detatch; did you mean \"--detach\"?\nSee 'jcompose up --help'.");
    assertThatThrownBy(() -> parse("up", "--profile=x"))
        .hasMessageStartingWith(
            "unknown flag: --profile=x, which belongs before the command: jcompose --profile … up");
    assertThatThrownBy(() -> parse("up", "--xyzzyxyzzy"))
        .hasMessage("unknown flag: --xyzzyxyzzy\nSee 'jcompose up --help'.");
  }

  private static CommandLineParser.Parsed parse(String command, String... arguments) {
    return CommandLineParser.parse(
        Objects.requireNonNull(Commands.find(command)), List.of(arguments));
  }
}
