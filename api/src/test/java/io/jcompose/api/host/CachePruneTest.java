package io.jcompose.api.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.api.request.CommandRequest;
import io.jcompose.api.request.Moments;
import io.jcompose.api.text.JsonText;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.build.Builds;
import io.jcompose.core.build.Builds.CacheEntry;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class CachePruneTest {
  private static final Instant NOW = Instant.parse("2026-11-30T12:00:00Z");
  private static final List<CacheEntry> STEPS =
      List.of(step("aa1", "RUN make", 1), step("aa2", "COPY . /", 30), step("bb3", "RUN x", 100));

  private static CacheEntry step(String id, String description, int hours) {
    return new CacheEntry(id, description, 1, NOW.minus(Duration.ofHours(hours)), false);
  }

  private static Builds.Prune prune(Map<String, Object> options) {
    byte[] body = JsonText.of(Map.of("options", options)).getBytes(StandardCharsets.UTF_8);
    Moments moments = new Moments(Clock.fixed(NOW, ZoneOffset.UTC));
    return CachePrune.of(CommandRequest.parse(body), moments);
  }

  private static Builds.Prune filtered(String... filters) {
    return prune(Map.of("filter", List.of(filters), "all", true));
  }

  private static Stream<String> ids(Builds.Prune what) {
    return STEPS.stream().filter(what.steps()).map(CacheEntry::id);
  }

  @Test
  void withoutFiltersItIsAllAndWithAllTheCachesToo() {
    assertThat(ids(prune(Map.of()))).containsExactly("aa1", "aa2", "bb3");
    assertThat(prune(Map.of()).caches()).isFalse();
    assertThat(prune(Map.of("all", true)).caches()).isTrue();
    assertThat(prune(Map.of("keep-storage", "1kb")).keepBytes()).isPositive();
  }

  @Test
  void filtersChooseSteps() {
    assertThat(ids(filtered("until=24h"))).containsExactly("aa2", "bb3");
    assertThat(ids(filtered("unused-for=72h"))).containsExactly("bb3");
    assertThat(ids(filtered("id=aa"))).containsExactly("aa1", "aa2");
    assertThat(ids(filtered("description=RUN", "until=24h"))).containsExactly("bb3");
    assertThat(ids(filtered("inuse=true"))).isEmpty();
    assertThat(ids(filtered("type=regular"))).hasSize(3);
    assertThat(filtered("until=24h").caches()).isFalse();
  }

  @Test
  void cachesAreATypeOfTheirOwn() {
    assertThat(filtered("type=exec.cachemount").caches()).isTrue();
    assertThat(ids(filtered("type=exec.cachemount"))).isEmpty();
    assertThatThrownBy(() -> filtered("type=exec.cachemount", "until=24h"))
        .isInstanceOf(JcomposeException.InvalidArgument.class);
  }

  @Test
  void othersAreRefusedByName() {
    assertThatThrownBy(() -> filtered("parent=x"))
        .isInstanceOf(JcomposeException.NotSupported.class)
        .hasMessageContaining("the filter parent is not carried out");
    assertThatThrownBy(() -> filtered("untill=24h")).hasMessageContaining("did you mean until");
  }
}
