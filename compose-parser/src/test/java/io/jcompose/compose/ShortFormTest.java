package io.jcompose.compose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.compose.model.MountConfig;
import io.jcompose.compose.model.PortConfig;
import io.jcompose.core.JcomposeException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShortFormTest {
  private static MountConfig mount(String text) {
    return ShortForm.mount("--volume", text, Path.of("/here"), "/home/me");
  }

  @ParameterizedTest
  @CsvSource({
    "'a::b', '--volume: invalid spec: a::b: empty section between colons'",
    "'', '--volume: invalid spec: : empty section between colons'",
    "'a:/b:c:d', '--volume: invalid spec: a:/b:c:d: too many colons'",
    "'a:/b:r0', '--volume: unknown volume option r0 is ignored (did you mean \"ro\"?)'",
  })
  void saysWhatIsWrongWithAMount(String text, String message) {
    assertThatThrownBy(() -> mount(text))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessage(message.replace(" is ignored", ""));
  }

  @ParameterizedTest
  @CsvSource({
    "x, Invalid containerPort: x",
    "80:, 'Invalid containerPort: '",
    "a:80, Invalid hostPort: a",
    "80/tpc, Invalid proto: tpc",
    "1-3:80-81, Invalid ranges specified for container and host Ports: 80-81 and 1-3",
    "localhost:80:80, Invalid ip address: localhost",
  })
  void saysWhatIsWrongWithAPort(String text, String message) {
    assertThatThrownBy(() -> ShortForm.ports("--publish", text))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessage("--publish: " + message);
  }

  @Test
  void readsWhatAFileHas() {
    assertThat(mount("data:/x:ro,nocopy,z"))
        .isEqualTo(new MountConfig.Volume("data", "/x", true, true, "", Map.of()));
    assertThat(mount("./a:/x//y/"))
        .isEqualTo(new MountConfig.Bind("/here/a", "/x/y", false, true, "", "", "", ""));
    assertThat(ShortForm.ports("--publish", "8000-8001:80-81"))
        .extracting(PortConfig::publishedFirst)
        .isEqualTo(List.of(8000, 8001));
  }
}
