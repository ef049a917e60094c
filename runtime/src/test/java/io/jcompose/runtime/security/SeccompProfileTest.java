package io.jcompose.runtime.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jcompose.core.ContainerSpec.Security;
import io.jcompose.core.JcomposeException;
import io.jcompose.runtime.security.SeccompProfile.Action;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How a profile is read and passed on; what its filter does, {@link SeccompFilterTest} has. */
class SeccompProfileTest {
  private static final String DUP_IS_REFUSED =
      """
      {"defaultAction": "SCMP_ACT_ALLOW",
       "syscalls": [{"names": ["dup"], "action": "SCMP_ACT_ERRNO"}]}\
      """;

  @Test
  void aContainerHasDockersProfileUnlessItAsksForAnother() {
    long caps = Capabilities.resolve(List.of(), List.of(), false);
    assertThat(SeccompProfile.of(security(false))).contains(SeccompProfile.standard(caps));
    assertThat(SeccompProfile.of(security(false, "seccomp=" + DUP_IS_REFUSED)).orElseThrow())
        .matches(profile -> profile.otherwise().equals(Action.ALLOW))
        .matches(profile -> profile.rules().size() == 1);
    assertThat(SeccompProfile.of(security(false, "seccomp=unconfined"))).isEmpty();
    assertThat(SeccompProfile.of(security(true))).isEmpty();
    assertThat(SeccompProfile.of(security(true, "seccomp=" + DUP_IS_REFUSED))).isEmpty();
  }

  @Test
  void anUnconfinedContainerHasNoFilter() {
    assertThat(SeccompFilter.of(security(true), 0)).isEmpty();
    byte[] standard = SeccompFilter.of(security(false), 0);
    byte[] own = SeccompFilter.of(security(false, "seccomp=" + DUP_IS_REFUSED), 0);
    assertThat(standard).hasSizeGreaterThan(own.length);
    assertThat(own).isNotEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "5.9, true",
    "5.10, true",
    "5.11, false",
    "4.99, true",
    "6.0, false",
    "5, true",
    "6, false"
  })
  void aRuleMayWantANewerKernel(String wanted, boolean holds) {
    int[] kernel = {5, 10};
    assertThat(rules("\"includes\": {\"minKernel\": \"" + wanted + "\"}", kernel, "amd64"))
        .isEqualTo(holds ? 1 : 0);
    assertThat(rules("\"excludes\": {\"minKernel\": \"" + wanted + "\"}", kernel, "amd64"))
        .isEqualTo(holds ? 0 : 1);
  }

  @Test
  void aKernelThatIsNoNumberIsRefused() {
    assertThatThrownBy(
            () -> rules("\"includes\": {\"minKernel\": \"new\"}", new int[] {5, 10}, "amd64"))
        .hasMessage("decoding seccomp profile failed: minKernel new");
  }

  @Test
  void aRuleMayBeForSomeArchitectures() {
    int[] kernel = {5, 10};
    assertThat(rules("\"includes\": {\"arches\": [\"amd64\"]}", kernel, "amd64")).isOne();
    assertThat(rules("\"includes\": {\"arches\": [\"amd64\"]}", kernel, "arm64")).isZero();
    assertThat(rules("\"excludes\": {\"arches\": [\"amd64\"]}", kernel, "amd64")).isZero();
    assertThat(rules("\"excludes\": {\"arches\": [\"amd64\"]}", kernel, "arm64")).isOne();
  }

  @Test
  void aRuleThatSaysTheDefaultIsNone() {
    String json =
        "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": ["
            + "{\"names\": [\"dup\"], \"action\": \"SCMP_ACT_ERRNO\"},"
            + "{\"names\": [\"dup\"], \"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": 5}]}";
    assertThat(parse(json).rules())
        .singleElement()
        .matches(rule -> rule.action().equals(Action.errno(5)));
  }

  /** The OCI runtime specification's config-linux.md has the words. */
  @ParameterizedTest
  @CsvSource({
    "SCMP_ACT_ALLOW, SCMP_ACT_ALLOW, -1",
    "SCMP_ACT_ERRNO, SCMP_ACT_ERRNO, 7",
    "SCMP_ACT_KILL, SCMP_ACT_KILL_THREAD, -1",
    "SCMP_ACT_KILL_THREAD, SCMP_ACT_KILL_THREAD, -1",
    "SCMP_ACT_KILL_PROCESS, SCMP_ACT_KILL_PROCESS, -1",
    "SCMP_ACT_TRAP, SCMP_ACT_TRAP, -1",
    "SCMP_ACT_TRACE, SCMP_ACT_TRACE, 7",
    "SCMP_ACT_LOG, SCMP_ACT_LOG, -1"
  })
  void isPassedOnInTheWordsItCameIn(String action, String expected, int errno) {
    String otherwise = action.equals("SCMP_ACT_ALLOW") ? "SCMP_ACT_LOG" : "SCMP_ACT_ALLOW";
    ObjectNode profile =
        parse(
                "{\"defaultAction\": \""
                    + otherwise
                    + "\", \"syscalls\": [{\"names\": [\"dup\", \"dup\"], \"action\": \""
                    + action
                    + "\", \"errnoRet\": 7, \"args\": [{\"index\": 3, \"value\":"
                    + " 18446744073709551615, \"valueTwo\": 1, \"op\": \"SCMP_CMP_MASKED_EQ\"}]}]}")
            .toOci();
    assertThat(profile.path("defaultAction").asText()).isEqualTo(otherwise);
    assertThat(profile.path("architectures")).hasSize(1);
    JsonNode call = profile.path("syscalls").path(0);
    assertThat(call.path("names").toString()).isEqualTo("[\"dup\"]");
    assertThat(call.path("action").asText()).isEqualTo(expected);
    assertThat(call.path("errnoRet").asInt(-1)).isEqualTo(errno);
    assertThat(call.path("args").toString())
        .isEqualTo(
            "[{\"index\":3,\"op\":\"SCMP_CMP_MASKED_EQ\",\"value\":18446744073709551615,"
                + "\"valueTwo\":1}]");
  }

  @Test
  void theDefaultsErrnoIsPassedOn() {
    ObjectNode profile =
        parse("{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"defaultErrnoRet\": 38}").toOci();
    assertThat(profile.path("defaultErrnoRet").asInt()).isEqualTo(38);
    assertThat(profile.has("syscalls")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"listenerPath\": \"/run/x\"",
        "\"flags\": [\"SECCOMP_FILTER_FLAG_NEW_LISTENER\"]",
        "\"syscalls\": [{\"names\": [\"dup\"], \"action\": \"SCMP_ACT_NOTIFY\"}]"
      })
  void whatNeedsAListenerIsNotSupported(String member) {
    assertThatThrownBy(() -> parse("{\"defaultAction\": \"SCMP_ACT_ALLOW\", " + member + "}"))
        .isInstanceOf(JcomposeException.NotSupported.class)
        .hasMessageStartingWith("seccomp profile with ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"name\": \"dup\", \"names\": [\"dup2\"]",
        "\"names\": [\"dup\"], \"args\": [{\"index\": -1, \"op\": \"SCMP_CMP_EQ\"}]",
        "\"names\": [\"dup\"], \"args\": [{\"index\": 6, \"op\": \"SCMP_CMP_EQ\"}]",
        "\"names\": [\"dup\"], \"args\": [{\"index\": 0, \"op\": \"EQ\"}]",
        "\"names\": [\"dup\"], \"args\": [{\"index\": 0, \"op\": \"SCMP_CMP_LIKE\"}]"
      })
  void aDamagedRuleIsRefused(String members) {
    assertThatThrownBy(() -> rules(members, new int[] {5, 10}, "amd64"))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessageStartingWith("decoding seccomp profile failed: ");
  }

  /** More calls with tests of arguments than a jump of BPF reaches over. */
  @Test
  void aLongProfileIsSearchedWithLongJumps() {
    StringBuilder calls = new StringBuilder();
    Map<String, Integer> numbers = Architecture.X86_64.numbers();
    for (String name : numbers.keySet()) {
      calls
          .append(calls.isEmpty() ? "" : ",")
          .append("{\"names\": [\"")
          .append(name)
          .append("\"], \"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": ")
          .append(1 + numbers.get(name) % 100)
          .append(", \"args\": [{\"index\": 1, \"value\": 7, \"op\": \"SCMP_CMP_EQ\"}]}");
    }
    SeccompProfile profile =
        parse("{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [" + calls + "]}");
    byte[] filter = SeccompFilter.compile(profile, Architecture.X86_64);
    numbers.forEach(
        (name, number) -> {
          assertThat(SeccompFilterTest.run(filter, Architecture.X86_64, number, 0, 7))
              .as(name)
              .isEqualTo(0x00050000 | 1 + number % 100);
          assertThat(SeccompFilterTest.run(filter, Architecture.X86_64, number, 0, 8))
              .as(name)
              .isEqualTo(Action.ALLOW.verdict());
        });
  }

  private static int rules(String members, int[] kernel, String arch) {
    String call = "{\"names\": [\"dup\"], \"action\": \"SCMP_ACT_ERRNO\", " + members + "}";
    if (members.startsWith("\"name")) {
      call = "{\"action\": \"SCMP_ACT_ERRNO\", " + members + "}";
    }
    String json = "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [" + call + "]}";
    return SeccompProfile.parse(json, 0, arch, kernel).rules().size();
  }

  private static SeccompProfile parse(String json) {
    return SeccompProfile.parse(json, 0, "amd64", new int[] {6, 1});
  }

  private static Security security(boolean privileged, String... options) {
    return Security.DEFAULT.with().privileged(privileged).securityOpt(List.of(options)).build();
  }
}
