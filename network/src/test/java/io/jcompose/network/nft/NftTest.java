package io.jcompose.network.nft;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class NftTest {
  @TempDir Path directory;

  @Test
  void aProgramThatHangsIsEnded() throws Exception {
    String hanging = program("exec sleep 1000");

    assertThatThrownBy(() -> Nft.load(hanging, "add table inet x\n", 1))
        .isInstanceOf(JcomposeException.Timeout.class)
        .hasMessage(hanging + " did not load the firewall table in 1 s");
  }

  @Test
  void whatItSaysIsTold() throws Exception {
    String failing = program("cat >/dev/null; echo no such rule; exit 1");

    assertThatThrownBy(() -> Nft.load(failing, "add table inet x\n", 60))
        .isInstanceOf(JcomposeException.Internal.class)
        .hasMessage("failed to load the firewall table: no such rule");
  }

  private String program(String words) throws Exception {
    Path file = Files.writeString(directory.resolve("nft"), "#!/bin/sh\n" + words + "\n");
    file.toFile().setExecutable(true);
    return file.toString();
  }
}
