package io.jcompose.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.ContainerSpec.FileSpec;
import io.jcompose.core.ContainerSpec.MountSpec;
import io.jcompose.core.Contents;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** To whom configs and secrets belong in a container. */
@Timeout(120)
class GivenFilesIT {
  @RegisterExtension static final EngineFixture host = new EngineFixture();

  private static FileSpec text(String target, long uid, long gid, int mode) {
    return new FileSpec("f", target, null, "text\n", uid, gid, mode, true);
  }

  @Test
  void haveTheOwnerAndModeThatTheySay() {
    TestSpec spec = host.spec("box").sh("stat -c '%u %g %a' /c /s; cat /c /s");
    spec.files.add(text("/c", -1, -1, -1));
    spec.files.add(text("/s", 1000, 1001, 0400));
    String id = host.run(spec);
    assertThat(host.log(id)).isEqualTo("0 0 444\n1000 1001 400\ntext\ntext\n");
    assertThat(host.config.runRoot().resolve("files").resolve(id)).doesNotExist();
  }

  /** As the specification has it: what keeps others from a secret must not keep its program. */
  @Test
  void belongToTheContainersUserWhereTheyNameNoOwner() throws Exception {
    Path source = Files.writeString(host.root.resolve("given"), "of the host\n");
    Files.setAttribute(source, "unix:mode", 0644);
    TestSpec spec = host.spec("box").sh("stat -c '%u %g %a %n' /f/*; cat /f/copy /f/text");
    spec.user = "joe";
    spec.files.add(new FileSpec("a", "/f/asis", source, null, -1, -1, -1, true));
    spec.files.add(new FileSpec("c", "/f/copy", source, null, -1, -1, 0400, true));
    spec.files.add(text("/f/group", -1, 7, 0440));
    spec.files.add(text("/f/text", -1, -1, 0400));
    spec.files.add(text("/f/user", 0, -1, 0440));
    assertThat(host.log(host.run(spec)))
        .isEqualTo(
            """
            0 0 644 /f/asis
            1000 1000 400 /f/copy
            1000 7 440 /f/group
            1000 1000 400 /f/text
            0 1000 440 /f/user
            of the host
            text
            """);
  }

  @Test
  void belongToTheUserThatTheImageNames() throws IOException {
    TestSpec maker = host.spec("maker").sh("echo app:x:77:78::/:/bin/sh >>/etc/passwd");
    host.run(maker);
    Contents.Commit options =
        new Contents.Commit("box/app:1", "", "", false, List.of("USER app", "CMD true"));
    String image = host.engine().contents().commit("maker", options, () -> false);
    TestSpec spec = new TestSpec("box", "box/app:1").sh("stat -c %u:%g:%a /s; cat /s");
    spec.files.add(text("/s", -1, -1, 0400));
    assertThat(host.log(host.run(spec))).isEqualTo("77:78:400\ntext\n");

    TestSpec other = new TestSpec("other", "box/app:1").sh("stat -c %u:%g /tmp/f");
    host.create(other);
    Contents.Destination asUser = new Contents.Destination("/tmp", "f", false, true);
    host.engine().contents().write("other", asUser, new ByteArrayInputStream(archive()));
    host.containers().start("other");
    host.containers().await("other");
    assertThat(host.log("other")).as("cp -a means the same user").isEqualTo("77:78\n");
    host.removeAll();
    host.engine().images().remove(image, true);
  }

  private static byte[] archive() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
      tar.putArchiveEntry(new TarArchiveEntry("f"));
      tar.closeArchiveEntry();
    }
    return bytes.toByteArray();
  }

  /** Such a file is not looked into; the start is not refused for it. */
  @Test
  void belongToRootWhereOnlyAMountKnowsTheUser() throws Exception {
    Path passwd = Files.writeString(host.root.resolve("passwd"), "me:x:55:56::/:/bin/sh\n");
    TestSpec spec = host.spec("box").sh("id -u; stat -c %u:%g:%a /s");
    spec.user = "me";
    spec.mounts.add(new MountSpec.Bind(passwd, "/etc/passwd", true, false, true, ""));
    spec.files.add(text("/s", -1, -1, 0444));
    assertThat(host.log(host.run(spec))).isEqualTo("55\n0:0:444\n");
  }
}
