package io.jcompose.core.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.Images;
import io.jcompose.core.Images.ImageView;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Progress;
import io.jcompose.core.RegistryLogins;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What every implementation of {@link Images} keeps. */
@Timeout(300)
public abstract class ImagesContract {
  /** The implementation; the same one all through a test, with its image anew in each. */
  protected abstract PortsFixture ports();

  @Test
  void anImageIsFoundByItsNameItsIdAndABeginningOfIt() {
    ImageView image = image();
    assertThat(image.id()).matches("sha256:[0-9a-f]{64}");
    assertThat(image.references()).containsExactly(ports().image());
    assertThat(images().find(image.id())).contains(image);
    assertThat(images().find(image.id().substring(7, 19))).contains(image);
    assertThat(images().find("none:1")).isEmpty();
    assertThat(images().find("")).isEmpty();
    assertThat(images().list()).containsExactly(image);
  }

  @Test
  void anImageForAnotherPlatformIsNone() {
    ImageView image = image();
    assertThat(images().find(ports().image(), "")).contains(image);
    assertThat(images().find(ports().image(), image.platform())).contains(image);
    assertThat(images().find(ports().image(), "linux/s390x")).isEmpty();
    assertThatThrownBy(() -> images().find(ports().image(), "no platform"))
        .isInstanceOf(JcomposeException.InvalidArgument.class);
  }

  @Test
  void aPullOfWhatIsThereChangesNothing() {
    ImageView image = image();
    assertThat(images().pull(ports().image(), "", Progress.NONE)).isEqualTo(image);
    assertThat(images().list()).containsExactly(image);
  }

  @Test
  void whatTheRegistryDoesNotHaveIsNotFound() {
    String missing = ports().image().replace("box", "missing");
    assertThatThrownBy(() -> images().pull(missing, "", Progress.NONE))
        .isInstanceOf(JcomposeException.NotFound.class);
    assertThatThrownBy(() -> images().pinned(missing, RegistryLogins.OF_ENGINE))
        .isInstanceOf(JcomposeException.NotFound.class);
    assertThat(images().find(missing)).isEmpty();
    assertThat(images().list()).hasSize(1);
  }

  @Test
  void aPinnedNameHasADigestAndIsPinnedAlready() {
    String pinned = images().pinned(ports().image(), RegistryLogins.OF_ENGINE);
    assertThat(pinned).startsWith(ports().image()).containsPattern("@sha256:[0-9a-f]{64}$");
    assertThat(images().pinned(pinned, RegistryLogins.OF_ENGINE)).isEqualTo(pinned);
  }

  @Test
  void aRemovalSaysWhatItDidAndAPullBringsTheImageBack() {
    ImageView image = image();
    assertThat(images().remove(ports().image(), false))
        .contains("Untagged: " + ports().image(), "Deleted: " + image.id());
    assertThat(images().find(image.id())).isEmpty();
    assertThat(images().list()).isEmpty();
    assertThat(images().pull(ports().image(), "", Progress.NONE).id()).isEqualTo(image.id());
    assertThat(images().find(ports().image())).isPresent();
  }

  @Test
  void aRemovalOfWhatIsNotThereIsNotFound() {
    assertThatThrownBy(() -> images().remove("none:1", true))
        .isInstanceOf(JcomposeException.NotFound.class)
        .hasMessage("No such image: none:1");
  }

  @Test
  void anImageStaysAsLongAsAContainerHasIt() {
    ImageView image = image();
    String id = ports().containers().create(ports().lasting("one"));
    assertThat(ports().containers().find(id).orElseThrow().imageId()).isEqualTo(image.id());
    assertThatThrownBy(() -> images().remove(ports().image(), false))
        .isInstanceOf(JcomposeException.Conflict.class)
        .hasMessageContaining("unable to remove repository reference \"" + ports().image())
        .hasMessageContaining("container one is using");
    assertThat(images().find(ports().image())).contains(image);
    List<String> done = images().remove(ports().image(), true);
    assertThat(done).contains("Untagged: " + ports().image());
    assertThat(done).noneMatch(line -> line.startsWith("Deleted"));
    assertThat(images().find(ports().image())).isEmpty();
    assertThat(images().find(image.id())).map(ImageView::references).contains(List.of());
    ports().containers().remove(id, false, true);
    assertThat(images().prune(false).removed()).contains("deleted: " + image.id());
    assertThat(images().list()).isEmpty();
  }

  @Test
  void aPruneTakesWhatNoContainerHas() {
    ImageView image = image();
    assertThat(images().prune(false).removed()).isEmpty();
    assertThat(images().find(ports().image())).contains(image);
    ports().containers().create(ports().lasting("one"));
    assertThat(images().prune(true).removed()).isEmpty();
    assertThat(images().find(ports().image())).contains(image);
    ports().containers().remove("one", false, true);
    assertThat(images().prune(true).removed())
        .contains("untagged: " + ports().image(), "deleted: " + image.id());
    assertThat(images().list()).isEmpty();
  }

  private ImageView image() {
    return images().find(ports().image()).orElseThrow();
  }

  private Images images() {
    return ports().images();
  }
}
