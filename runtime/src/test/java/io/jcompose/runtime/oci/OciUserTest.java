package io.jcompose.runtime.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.Mount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OciUserTest {
  @TempDir Path directory;

  private Path etc;

  @BeforeEach
  void make() throws IOException {
    etc = Files.createDirectories(directory.resolve("upper/etc"));
    Files.writeString(etc.resolve("passwd"), "root:x:0:0::/root:/sh\napp:x:7:8::/home/app:/sh\n");
  }

  @Test
  void findsAUserAndItsGroupsBehindAnyNumberOfOthers() throws IOException {
    // 1.7 MB: as lines that are all kept, they would be more than the engine's memory
    String many = "g:x:1:a\n".repeat(220_000);
    Files.writeString(etc.resolve("group"), many + "one:x:20:b,app\ntwo:x:30:app\nbig:x:40:\n");

    OciUser user = find("app", List.of("big"));

    assertThat(user).isEqualTo(new OciUser(7, 8, List.of(8, 20, 30, 40), "/home/app"));
    assertThat(find("7:two", List.of()).groups()).containsExactly(30);
    assertThat(find("", List.of()).home()).isEqualTo("/root");
  }

  @Test
  void refusesWhatIsTooLongOrNotThere() throws IOException {
    assertThatThrownBy(() -> find("nobody", List.of()))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessageContaining("unable to find user nobody");
    Files.writeString(etc.resolve("group"), "g:x:1:a\n".repeat(300_000));
    assertThatThrownBy(() -> find("app", List.of()))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessageContaining("longer than 2 MiB");
  }

  private OciUser find(String user, List<String> more) {
    return OciUser.find(
        new Mount.Overlay(
            List.of(directory), directory.resolve("upper"), directory.resolve("work"), "/"),
        user,
        more);
  }
}
