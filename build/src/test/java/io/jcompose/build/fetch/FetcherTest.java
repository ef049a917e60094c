package io.jcompose.build.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class FetcherTest {
  private static final Map<String, String> HOST =
      Map.of(
          "PATH", "/bin",
          "HOME", "/root",
          "HTTPS_PROXY", "http://proxy:1",
          "GIT_CONFIG_COUNT", "1",
          "SSH_AUTH_SOCK", "/root/agent",
          "TOKEN", "secret");

  @Test
  void gitHasNothingOfTheHostsButPathAndProxies() {
    Map<String, String> variables = Fetcher.gitEnvironment(HOST, null);
    assertThat(variables)
        .containsEntry("PATH", "/bin")
        .containsEntry("HTTPS_PROXY", "http://proxy:1")
        .containsEntry("HOME", "/nonexistent")
        .containsEntry("GIT_CONFIG_GLOBAL", "/dev/null")
        .containsEntry("GIT_CONFIG_NOSYSTEM", "1")
        .doesNotContainKeys("SSH_AUTH_SOCK", "TOKEN", "GIT_CONFIG_COUNT");
    assertThat(variables.get("GIT_SSH_COMMAND"))
        .contains("-F none", "IdentityFile=none", "IdentityAgent=none");
  }

  @Test
  void sshHasTheAgentThatIsGiven() {
    Map<String, String> variables = Fetcher.gitEnvironment(HOST, "/given/agent");
    assertThat(variables).containsEntry("SSH_AUTH_SOCK", "/given/agent");
    assertThat(variables.get("GIT_SSH_COMMAND")).endsWith("IdentityAgent=SSH_AUTH_SOCK");
  }
}
