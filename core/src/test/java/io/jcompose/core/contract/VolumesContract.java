package io.jcompose.core.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Volumes;
import io.jcompose.core.Volumes.VolumeSpec;
import io.jcompose.core.Volumes.VolumeView;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every implementation of {@link Volumes} keeps. */
@Timeout(300)
public abstract class VolumesContract {
  private static final Map<String, String> MEMORY = Map.of("type", "tmpfs", "device", "tmpfs");

  /** The implementation; the same one all through a test. */
  protected abstract PortsFixture ports();

  @Test
  void aSecondCreateGivesTheVolumeThatIsThere() {
    VolumeView first = volumes().create(spec("data", Map.of(), Map.of("a", "1")));
    assertThat(first.name()).isEqualTo("data");
    assertThat(first.spec().driver()).isEqualTo("local");
    assertThat(first.anonymous()).isFalse();
    VolumeView second = volumes().create(new VolumeSpec("data", "local", Map.of(), Map.of()));
    assertThat(second).isEqualTo(first);
    assertThat(volumes().find("data")).contains(first);
    assertThat(volumes().list(Map.of())).containsExactly(first);
  }

  @Test
  void aSecondCreateWithOtherOptionsOrAnotherDriverIsAConflict() {
    VolumeView first = volumes().create(spec("data", MEMORY, Map.of()));
    assertConflict(
        () -> volumes().create(spec("data", Map.of("type", "none"), Map.of())), "already exists");
    assertConflict(
        () -> volumes().create(new VolumeSpec("data", "other", Map.of(), Map.of())),
        "already exists");
    assertThat(volumes().create(spec("data", MEMORY, Map.of()))).isEqualTo(first);
    assertThat(volumes().create(spec("data", Map.of(), Map.of()))).isEqualTo(first);
  }

  @Test
  void oneWithoutANameIsGivenOne() {
    VolumeView one = volumes().create(spec("", Map.of(), Map.of("a", "1")));
    VolumeView two = volumes().create(spec("", Map.of(), Map.of()));
    assertThat(one.name()).matches("[0-9a-f]{64}").isNotEqualTo(two.name());
    assertThat(one.anonymous()).isTrue();
    assertThat(volumes().find(one.name())).contains(one);
  }

  @Test
  void aNameThatIsNoneIsRefused() {
    for (String name : List.of("a/b", "..", "-a", " ")) {
      assertThatThrownBy(() -> volumes().create(spec(name, Map.of(), Map.of())))
          .as(name)
          .isInstanceOf(JcomposeException.InvalidArgument.class)
          .hasMessageContaining("includes invalid characters for a local volume name");
    }
    assertThat(volumes().list(Map.of())).isEmpty();
  }

  @Test
  void aRemovalOfWhatIsGoneSucceeds() {
    volumes().create(spec("data", Map.of(), Map.of("a", "1")));
    volumes().remove("data");
    assertThat(volumes().find("data")).isEmpty();
    volumes().remove("data");
    VolumeView again = volumes().create(spec("data", Map.of(), Map.of()));
    assertThat(again.spec().labels()).isEmpty();
  }

  @Test
  void aListHasWhatCarriesAllLabelsByName() {
    volumes().create(spec("two", Map.of(), Map.of("a", "1")));
    volumes().create(spec("one", Map.of(), Map.of("a", "1", "b", "2")));
    volumes().create(spec("three", Map.of(), Map.of("a", "")));
    assertThat(names(Map.of())).containsExactly("one", "three", "two");
    assertThat(names(Map.of("a", ""))).containsExactly("one", "three", "two");
    assertThat(names(Map.of("a", "1"))).containsExactly("one", "two");
    assertThat(names(Map.of("a", "1", "b", ""))).containsExactly("one");
    assertThat(names(Map.of("a", "2"))).isEmpty();
  }

  @Test
  void aContainersVolumeStaysAsLongAsTheContainer() {
    volumes().create(spec("data", Map.of(), Map.of()));
    ports().containers().create(Specs.mounting(ports().ending("one", 0), "data"));
    assertConflict(() -> volumes().remove("data"), "remove data: volume is in use - [one]");
    ports().containers().start("one");
    ports().containers().await("one");
    assertConflict(() -> volumes().remove("data"), "volume is in use");
    ports().containers().remove("one", false, true);
    assertThat(volumes().find("data")).as("one that has a name").isPresent();
    volumes().remove("data");
    assertThat(volumes().find("data")).isEmpty();
  }

  @Test
  void aNamedVolumeThatIsNotThereIsMadeForItsContainer() {
    String id = ports().containers().create(Specs.mounting(ports().lasting("one"), "data"));
    assertThat(volumes().find("data").orElseThrow().anonymous()).isFalse();
    assertThat(anonymous(id)).doesNotContainKey("/here");
  }

  @Test
  void volumesWithoutANameGoWithTheirContainerWhenAsked() {
    String kept = volumeOf(ports().containers().create(mounting("one", "")));
    assertThat(volumes().find(kept).orElseThrow().anonymous()).isTrue();
    assertConflict(() -> volumes().remove(kept), "volume is in use - [one]");
    ports().containers().remove("one", false, false);
    assertThat(volumes().find(kept)).isPresent();
    String gone = volumeOf(ports().containers().create(mounting("one", "")));
    assertThat(gone).isNotEqualTo(kept);
    ports().containers().remove("one", false, true);
    assertThat(volumes().find(gone)).isEmpty();
    assertThat(volumes().find(kept)).isPresent();
  }

  @Test
  void aVolumeThatAnotherContainerMountsByItsNameStays() {
    String shared = volumeOf(ports().containers().create(mounting("one", "")));
    ports().containers().create(mounting("two", shared));
    ports().containers().remove("one", false, true);
    assertThat(volumes().find(shared)).isPresent();
    ports().containers().remove("two", false, true); // whose own it is not
    assertThat(volumes().find(shared)).isPresent();
  }

  private ContainerSpec mounting(String name, String volume) {
    return Specs.mounting(ports().lasting(name), volume);
  }

  private Map<String, String> anonymous(String id) {
    return ports().containers().find(id).orElseThrow().anonymousVolumes();
  }

  private String volumeOf(String id) {
    return anonymous(id).get("/here");
  }

  private static VolumeSpec spec(
      String name, Map<String, String> options, Map<String, String> labels) {
    return new VolumeSpec(name, "", options, labels);
  }

  private List<String> names(Map<String, String> labels) {
    return volumes().list(labels).stream().map(VolumeView::name).toList();
  }

  private static void assertConflict(Runnable work, String why) {
    assertThatThrownBy(work::run)
        .isInstanceOf(JcomposeException.Conflict.class)
        .hasMessageContaining(why);
  }

  private Volumes volumes() {
    return ports().volumes();
  }
}
