package io.jcompose.images.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AuthChallengeTest {
  @Test
  void readsQuotedParametersWithCommas() {
    assertThat(
            AuthChallenge.parse(
                List.of(
                    "Bearer realm=\"https://auth.example/token\",service=\"reg\","
                        + "scope=\"repository:a/b:pull,push\"")))
        .containsExactly(
            new AuthChallenge(
                "bearer",
                Map.of(
                    "realm", "https://auth.example/token",
                    "service", "reg",
                    "scope", "repository:a/b:pull,push")));
  }

  @Test
  void readsSeveralChallengesOfOneAndMoreLines() {
    assertThat(
            AuthChallenge.parse(
                List.of("Basic realm=\"a \\\"b\\\"\", Bearer realm=x", "Negotiate")))
        .containsExactly(
            new AuthChallenge("basic", Map.of("realm", "a \"b\"")),
            new AuthChallenge("bearer", Map.of("realm", "x")),
            new AuthChallenge("negotiate", Map.of()));
  }

  @Test
  void survivesNonsense() {
    assertThat(AuthChallenge.parse(List.of("", "=", "\"", "Bearer realm=\"open", ",,,")))
        .hasSizeLessThan(3);
  }
}
