package io.jcompose.engine.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.ContainerSpec.Health;
import io.jcompose.core.ContainerSpec.Lifecycle;
import io.jcompose.core.ContainerSpec.RestartPolicy;
import io.jcompose.core.Images.ImageView;
import io.jcompose.core.JcomposeException;
import io.jcompose.engine.TestSpec;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ImageDefaultsTest {
  private static final Health IMAGE_CHECK =
      new Health(List.of("CMD", "check"), Duration.ofSeconds(7), null, null, null, 4);
  private final ImageView image = image(List.of("/entry"), List.of("serve"), IMAGE_CHECK);
  private final TestSpec spec = new TestSpec("x", "box");

  @Test
  void takesTheImagesEntrypointAndCommand() {
    assertThat(ImageDefaults.command(spec.build(), image)).containsExactly("/entry", "serve");
  }

  @Test
  void aCommandReplacesTheImagesCommandOnly() {
    assertThat(ImageDefaults.command(spec.command("work").build(), image))
        .containsExactly("/entry", "work");
  }

  @Test
  void anEntrypointSetsTheImagesCommandAside() {
    spec.entrypoint = List.of("/own");
    assertThat(ImageDefaults.command(spec.build(), image)).containsExactly("/own");
    assertThat(ImageDefaults.command(spec.command("a").build(), image))
        .containsExactly("/own", "a");
  }

  @Test
  void anEmptyEntrypointRunsTheCommandAlone() {
    spec.entrypoint = List.of();
    assertThat(ImageDefaults.command(spec.command("a", "b").build(), image))
        .containsExactly("a", "b");
  }

  @Test
  void anEmptyEntrypointSetsOnlyTheImagesEntrypointAside() {
    spec.entrypoint = List.of();
    assertThat(ImageDefaults.command(spec.build(), image)).containsExactly("serve");
  }

  @Test
  void anEmptyCommandLeavesTheImages() {
    spec.command();
    assertThat(ImageDefaults.command(spec.build(), image)).containsExactly("/entry", "serve");
    spec.entrypoint = List.of();
    assertThat(ImageDefaults.command(spec.build(), image)).containsExactly("serve");
    spec.entrypoint = List.of("/own");
    assertThat(ImageDefaults.command(spec.build(), image)).containsExactly("/own");
  }

  @Test
  void anEntrypointOfAnEmptyTextIsNone() {
    ImageView without = image(List.of(""), List.of("serve", "all"), IMAGE_CHECK);
    assertThat(ImageDefaults.command(spec.build(), without)).containsExactly("serve", "all");
    spec.entrypoint = List.of("");
    assertThat(ImageDefaults.command(spec.command("a", "b").build(), image))
        .containsExactly("a", "b");
    spec.command();
    assertThatThrownBy(() -> ImageDefaults.command(spec.build(), image))
        .isInstanceOf(JcomposeException.InvalidArgument.class);
  }

  @Test
  void refusesWhatHasNoCommand() {
    assertThatThrownBy(
            () -> ImageDefaults.command(spec.build(), image(List.of(), List.of(), IMAGE_CHECK)))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessageContaining("no command specified");
  }

  @Test
  void laysTheEnvironmentOverTheImages() {
    spec.env = List.of("B=own", "C=", "A");
    assertThat(ImageDefaults.env(spec.build(), image)).containsExactly("PATH=/bin", "B=own", "C=");
    assertThat(ImageDefaults.env(spec.build(), null)).containsExactly("B=own", "C=");
  }

  @Test
  void ownUserFolderAndSignalGoFirst() {
    assertThat(ImageDefaults.user(spec.build(), image)).isEqualTo("joe");
    assertThat(ImageDefaults.workingDir(spec.build(), image)).isEqualTo("/srv");
    assertThat(ImageDefaults.stopSignal(spec.build(), image)).isEqualTo(3);
    spec.user = "0";
    spec.workingDir = "/w";
    spec.lifecycle = new Lifecycle(RestartPolicy.NO, "SIGINT", null, false);
    assertThat(ImageDefaults.user(spec.build(), image)).isEqualTo("0");
    assertThat(ImageDefaults.workingDir(spec.build(), image)).isEqualTo("/w");
    assertThat(ImageDefaults.stopSignal(spec.build(), image)).isEqualTo(2);
    spec.lifecycle = new Lifecycle(RestartPolicy.NO, "SIGBOGUS", null, false);
    assertThatThrownBy(() -> ImageDefaults.stopSignal(spec.build(), image))
        .hasMessage("invalid signal: SIGBOGUS");
    spec.lifecycle = Lifecycle.DEFAULT;
    assertThat(ImageDefaults.stopSignal(spec.build(), null)).isEqualTo(Signals.TERM);
    ImageView damaged = image(List.of(), List.of(), IMAGE_CHECK, "SIGBOGUS");
    assertThat(ImageDefaults.stopSignal(spec.build(), damaged)).isEqualTo(Signals.TERM);
  }

  @Test
  void completesTheHealthCheckFromTheImage() {
    spec.health = new Health(List.of(), null, Duration.ofSeconds(2), null, null, 0);
    assertThat(ImageDefaults.health(spec.build(), image))
        .isEqualTo(
            new Health(
                List.of("CMD", "check"),
                Duration.ofSeconds(7),
                Duration.ofSeconds(2),
                null,
                null,
                4));
    spec.health = null;
    assertThat(ImageDefaults.health(spec.build(), image)).isEqualTo(IMAGE_CHECK);
    spec.health = new Health(List.of("NONE"), null, null, null, null, 0);
    assertThat(ImageDefaults.health(spec.build(), image)).isNull();
    spec.health = new Health(List.of(), null, null, null, null, 3);
    assertThat(ImageDefaults.health(spec.build(), null)).isNull();
  }

  private static ImageView image(List<String> entrypoint, List<String> command, Health health) {
    return image(entrypoint, command, health, "SIGQUIT");
  }

  private static ImageView image(
      List<String> entrypoint, List<String> command, Health health, String stopSignal) {
    return new ImageView(
        "sha256:" + "a".repeat(64),
        List.of("box:latest"),
        List.of(),
        1,
        null,
        "linux/amd64",
        entrypoint,
        command,
        List.of("PATH=/bin", "A=image", "B=image"),
        "/srv",
        "joe",
        List.of(),
        List.of(),
        Map.of(),
        stopSignal,
        health,
        List.of());
  }
}
