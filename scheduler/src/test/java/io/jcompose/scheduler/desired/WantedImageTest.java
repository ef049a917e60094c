package io.jcompose.scheduler.desired;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.JcomposeException;
import io.jcompose.scheduler.BuildMode;
import io.jcompose.scheduler.Sketch;
import io.jcompose.scheduler.desired.WantedImage.Policy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What services want together of one image. */
class WantedImageTest {
  private final List<Desired.Service> services = new ArrayList<>();

  private WantedImageTest service(String image, String platform, String policy) {
    Desired.Service one =
        new Sketch().service("s", "1", 1, "", "no").services.values().iterator().next();
    String name = "s" + (services.size() + 1);
    services.add(
        new Desired.Service(
            name,
            ContainerSpec.of(name, image),
            one.containerName(),
            one.configHash(),
            one.scale(),
            policy,
            platform,
            one.networks(),
            one.volumes(),
            one.dependsOn(),
            null,
            null,
            0,
            false,
            false,
            false));
    return this;
  }

  private WantedImage only(String policy) {
    List<WantedImage> all = wanted(services, policy);
    assertThat(all).hasSize(1);
    return all.getFirst();
  }

  @Test
  void theStrictestPolicyHolds() {
    service("busybox", "", "").service("busybox", "", "always").service("busybox", "", "never");
    assertThat(only("").policy()).isEqualTo(Policy.ALWAYS);
    assertThat(only("policy").policy()).isEqualTo(Policy.ALWAYS);
    assertThat(only("missing").policy()).isEqualTo(Policy.MISSING);
  }

  @Test
  void neverYieldsToMissing() {
    service("busybox", "", "never").service("busybox", "", "missing");
    assertThat(only("").policy()).isEqualTo(Policy.MISSING);
  }

  @Test
  void spellingsOfOneNameAreOneImage() {
    service("busybox", "", "").service("docker.io/library/busybox:latest", "", "");
    assertThat(only("").references())
        .containsExactly("busybox", "docker.io/library/busybox:latest");
  }

  @Test
  void tagsAreSeveralImages() {
    service("busybox:1", "linux/386", "").service("busybox:2", "linux/amd64", "");
    assertThat(wanted(services, "")).hasSize(2);
  }

  @Test
  void oneNameForTwoPlatformsIsRefused() {
    service("busybox", "linux/amd64", "").service("busybox:latest", "linux/386", "");
    assertThatThrownBy(() -> wanted(services, ""))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessageContaining("services s1 and s2")
        .hasMessageContaining("linux/amd64 and linux/386");
  }

  @Test
  void aStatedPlatformIsTheOneOfAServiceThatStatesNoneOnlyWhereItIsTheHosts() {
    String host = "linux/" + System.getProperty("os.arch");
    service("busybox", "", "").service("busybox", host, "");
    assertThat(only("").platform()).isEqualTo(host);
    service("busybox", "linux/s390x", "");
    assertThatThrownBy(() -> wanted(services, "")).hasMessageContaining("linux/s390x");
  }

  private static List<WantedImage> wanted(List<Desired.Service> services, String policy) {
    return WantedImage.of(new ImageNeeds(services, ServiceBuilds.NONE, policy, BuildMode.MISSING));
  }
}
