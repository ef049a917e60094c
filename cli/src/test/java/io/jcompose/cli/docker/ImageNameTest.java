package io.jcompose.cli.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ImageNameTest {
  @Test
  void namesAreFamiliarAndWhole() {
    String digest = "@sha256:" + "a".repeat(64);
    assertThat(ImageName.parse("busybox"))
        .isEqualTo(new ImageName("docker.io", "library/busybox", ""));
    assertThat(ImageName.parse("busybox").familiar()).isEqualTo("busybox:latest");
    assertThat(ImageName.parse("busybox").canonical())
        .isEqualTo("docker.io/library/busybox:latest");
    assertThat(ImageName.parse("docker.io/library/busybox:1").familiar()).isEqualTo("busybox:1");
    assertThat(ImageName.parse("me/app:1").canonical()).isEqualTo("docker.io/me/app:1");
    assertThat(ImageName.parse("localhost:5000/a/b").familiar())
        .isEqualTo("localhost:5000/a/b:latest");
    assertThat(ImageName.parse("ghcr.io/a/b:1" + digest).tag()).startsWith("sha256:");
    assertThat(ImageName.parse("busybox" + digest).tag()).startsWith("sha256:");
  }

  @Test
  void whatIsNoNameIsRefused() {
    assertThatThrownBy(() -> ImageName.parse("UPPER"))
        .hasMessage("invalid reference format: repository name (library/UPPER) must be lowercase");
    for (String text : new String[] {"", "a b", "a:", "a:b:c", "a@b", "-a", "a/"}) {
      assertThatThrownBy(() -> ImageName.parse(text)).hasMessage("invalid reference format");
    }
  }
}
