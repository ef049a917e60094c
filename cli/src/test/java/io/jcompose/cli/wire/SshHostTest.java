package io.jcompose.cli.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.cli.terminal.CommandFailure;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SshHostTest {
  @Test
  void takesUserPortAndSocket() {
    assertThat(SshHost.parse("ssh://box")).isEqualTo(new SshHost("", "box", "", ""));
    assertThat(SshHost.parse("ssh://me@box.lan:2222/run/j/e.sock"))
        .isEqualTo(new SshHost("me", "box.lan", "2222", "/run/j/e.sock"));
    assertThat(SshHost.parse("ssh://OFFICE\\me@büro_2+x").user()).isEqualTo("OFFICE\\me");
    assertThat(SshHost.parse("ssh://me@[fe80::1%eth0]:22/"))
        .isEqualTo(new SshHost("me", "fe80::1%eth0", "22", ""));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ssh://",
        "ssh://me@",
        "ssh://me:secret@box",
        "ssh://-oProxyCommand=x",
        "ssh://-l@box",
        "ssh://box:port",
        "ssh://box?x",
        "ssh://fe80::1",
        "ssh://$(reboot)",
        "ssh://`reboot`@box",
        "ssh://box;reboot",
        "ssh://a b",
        "ssh://box\nProxyCommand=x",
        "ssh://me\\@box",
        "ssh://[::1;reboot]",
        "ssh://box/a\nb",
        "ssh://box/\u001b[2J"
      })
  void refusesWhatIsNoHost(String text) {
    assertThatThrownBy(() -> SshHost.parse(text))
        .isInstanceOf(CommandFailure.class)
        .hasMessageContaining("ssh://[user@]host[:port]");
  }

  @Test
  void aPasswordIsNotSaidAgain() {
    assertThatThrownBy(() -> SshHost.parse("ssh://me:secret@box"))
        .hasMessageContaining("in ssh://me:…@box:")
        .hasMessageNotContaining("secret");
  }

  @Test
  void theShellThereTakesTheSocketForOneWord() {
    assertThat(SshHost.parse("ssh://me@box:2222/a'b c").arguments(false))
        .endsWith(
            "-T",
            "-l",
            "me",
            "-p",
            "2222",
            "--",
            "box",
            "jcompose",
            "dial-stdio",
            "--running",
            "'/a'\\''b c'");
    assertThat(SshHost.parse("ssh://box").arguments(true))
        .endsWith("-T", "--", "box", "jcompose", "dial-stdio");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          254 | ''                                                               | install openssh-client
          255 | 'ssh: Could not resolve hostname box: Name or service not known' | there is no host box
          255 | 'banner\nme@box: Permission denied (publickey).'                 | box refused your key (me@box: Permission denied (publickey).)
          255 | 'Host key verification failed.'                                  | the key of box is not known here, or has changed
          255 | 'ssh: connect to host box port 22: Connection refused'           | ssh cannot come to box (ssh: connect to host box port 22: Connection refused)
          255 | ''                                                               | ssh cannot come to box (it says nothing)
          127 | 'bash: line 1: jcompose: command not found'                      | jcompose is not installed on box
          1   | 'unknown jcompose command: "dial-stdio"'                         | jcompose on box is too old
          1   | 'no engine answers at /run/jcompose/engine.sock: start one'      | on box: no engine answers at /run/jcompose/engine.sock
          9   | ''                                                               | ssh to box ended with 9
          """)
  void tellsInOneSentenceWhatKeptItFromTheEngine(int code, String words, String told) {
    assertThat(SshFailure.of(SshHost.parse("ssh://me@box"), code, words.replace("\\n", "\n")))
        .hasMessageContaining(told)
        .hasMessageNotContaining("\n");
  }

  @Test
  void onlyEnginesThatUnderstandItAreSpokenTo() {
    SshHost box = SshHost.parse("ssh://box");
    SshFailure.checkVersion(box, "jcompose-dial 1 0.0.9");
    assertThatThrownBy(() -> SshFailure.checkVersion(box, "jcompose-dial 2 9.0.0"))
        .hasMessageContaining("9.0.0 on box do not understand each other");
  }
}
