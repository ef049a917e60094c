package io.jcompose.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.ContainerView.State;
import io.jcompose.core.Contents;
import io.jcompose.core.EngineEvent;
import io.jcompose.core.Events;
import io.jcompose.core.Images.ImageView;
import io.jcompose.core.JcomposeException;
import io.jcompose.linux.file.DirectoryFd;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(120)
class CommitIT {
  private static final String CHANGES =
      """
      mkdir -p /new/sub; echo one >/new/a; ln /new/a /new/hard; ln -s a /new/link
      chmod 4751 /new/a; busybox chown -h 1000:10 /new/link
      busybox mkfifo /new/pipe; busybox mknod /new/node c 1 3
      rm /etc/group; rm -r /data; mkdir /data; echo two >/data/other
      chmod 700 /tmp; touch /root-file; echo up; exec sleep 1000
      """;

  private static final byte[] MINE = {'m', 'i', 'n', 'e'};
  @RegisterExtension static final EngineFixture host = new EngineFixture();

  @Test
  void whatACrashedCommitHeldGoesOnAndWhatAPersonPausedStays() throws Exception {
    String held = host.start(host.spec("held").sh("exec sleep 1000"));
    host.start(host.spec("paused").sh("exec sleep 1000"));
    host.containers().pause("held");
    host.containers().pause("paused");
    host.shut();
    Files.createFile(host.container(held).resolve("commit-held"));
    host.open();
    assertThat(host.view("held").state()).isEqualTo(State.RUNNING);
    assertThat(host.exec("held", "echo on")).isEqualTo("on\n");
    assertThat(host.view("paused").state()).isEqualTo(State.PAUSED);
    Contents.Commit options = new Contents.Commit("", "", "", true, List.of());
    String image = host.engine().contents().commit("held", options, () -> false);
    assertThat(host.container(held).resolve("commit-held")).doesNotExist();
    assertThat(host.view("held").state()).isEqualTo(State.RUNNING);
    host.engine().images().remove(image, false);
  }

  @Test
  void aPauseThatAPersonMakesDuringACommitStays() throws IOException {
    String id = host.start(host.spec("box").sh("exec sleep 1000"));
    AtomicInteger pauses = new AtomicInteger();
    try (Events.Subscription _ =
        host.engine()
            .events()
            .subscribe(
                event -> {
                  if (event instanceof EngineEvent.ContainerActed act
                      && act.action().equals("commit")) {
                    host.containers().unpause("box");
                    host.containers().pause("box");
                    pauses.incrementAndGet();
                  }
                })) {
      String image = host.engine().contents().commit("box", as("mine/paused:1"), () -> false);
      assertThat(pauses).hasValue(1);
      assertThat(host.view("box").state()).isEqualTo(State.PAUSED);
      assertThat(host.container(id).resolve("commit-held")).doesNotExist();
      host.engine().images().remove(image, true);
    }
  }

  private static Contents.Commit as(String reference, String... changes) {
    return new Contents.Commit(reference, "Joe", "why not", true, List.of(changes));
  }

  @Test
  void makesAnImageWithTheContainersFiles() throws IOException {
    TestSpec spec = host.spec("box").sh(CHANGES);
    spec.env = List.of("MINE=1");
    spec.user = "0:10";
    host.start(spec);
    EngineFixture.await("its files", () -> host.log("box").contains("up"));
    String id =
        host.engine()
            .contents()
            .commit("box", as("mine/box:2", "CMD [\"sleep\",\"7\"]"), () -> false);

    ImageView image = host.engine().images().find("mine/box:2").orElseThrow();
    assertThat(image.id()).isEqualTo(id);
    assertThat(image.command()).containsExactly("sleep", "7");
    assertThat(image.env()).containsExactly("PATH=/bin", "FROM=image", "MINE=1");
    assertThat(image.user()).isEqualTo("0:10");
    assertThat(image.labels()).containsEntry("test", "yes");
    assertThat(image.volumes()).containsExactly("/declared");
    assertThat(host.view("box").isRunning()).isTrue();
    assertThat(acts()).containsSubsequence("pause", "commit", "unpause");

    host.create(new TestSpec("copy", "mine/box:2"));
    Map<String, String> tree = tree("copy");
    assertThat(tree).isEqualTo(tree("box"));
    assertThat(tree).containsEntry("new/hard", "1 0 10 4751 new/a0:0");
    assertThat(tree).doesNotContainKeys("etc/group", "data/seed", "etc/hosts");
    assertThat(snapshots()).hasSize(2); // the first is shared
  }

  @Test
  void keepsFileCapabilitiesAndOtherAttributes() {
    byte[] raw = {1, 0, 0, 2, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}; // cap_net_raw+ep
    host.start(host.spec("box").sh("cp /bin/sh /mine; echo up; exec sleep 1000"));
    EngineFixture.await("its file", () -> host.log("box").contains("up"));
    try (DirectoryFd root = root("box")) {
      root.setXattr(MINE, "security.capability", raw);
      root.setXattr(MINE, "user.kind", new byte[] {'x'});
    }
    host.engine().contents().commit("box", as("mine/capable:1"), () -> false);
    host.start(new TestSpec("copy", "mine/capable:1").command("sleep", "1000"));
    try (DirectoryFd root = root("copy")) {
      Map<String, byte[]> attributes = root.xattrs(MINE);
      assertThat(attributes.get("security.capability")).isEqualTo(raw);
      assertThat(attributes.get("user.kind")).containsExactly('x');
    }
  }

  /** The whole file is hours of zeros. */
  @Test
  void keepsHolesAndEndsWhenItIsGivenUp() throws Exception {
    host.start(
        host.spec("box")
            .sh(
                "busybox truncate -s 1099511627776 /holes; echo x >>/holes; echo end >/end; echo up;"
                    + " exec sleep 1000"));
    EngineFixture.await("its file", () -> host.log("box").contains("up"));
    host.engine().contents().commit("box", as("mine/holes:1"), () -> false);
    host.start(
        new TestSpec("copy", "mine/holes:1")
            .command("sh", "-c", "busybox stat -c %s /holes; busybox tail -c 2 /holes; cat /end"));
    EngineFixture.await("its words", () -> host.log("copy").contains("end"));
    assertThat(host.log("copy")).contains("1099511627778", "x", "end");

    assertThatThrownBy(() -> host.engine().contents().commit("box", as("mine/holes:2"), () -> true))
        .isInstanceOf(JcomposeException.Cancelled.class);
    assertThat(host.view("box").state()).isEqualTo(State.RUNNING);
    assertThat(host.engine().images().find("mine/holes:2")).isEmpty();
  }

  private static DirectoryFd root(String name) {
    return DirectoryFd.open(Path.of("/proc/" + host.view(name).pid() + "/root"));
  }

  @Test
  void makesAnImageOfAContainerOfACommittedImage() throws IOException {
    host.run(host.spec("one").sh("rm -r /data; mkdir /data; echo 1 >/data/one; echo x >/f"));
    host.engine().contents().commit("one", as("first:1"), () -> false);
    host.run(new TestSpec("two", "first:1").sh("rm /f; echo 2 >/data/two; mkdir /f; echo y >/f/g"));
    String id = host.engine().contents().commit("two", as(""), () -> false);
    assertThat(host.engine().images().find(id).orElseThrow().references()).isEmpty();
    host.create(new TestSpec("three", id));
    assertThat(tree("three")).isEqualTo(tree("two"));
    assertThat(host.log(host.run(new TestSpec("four", id).sh("ls /data /f; cat /data/*"))))
        .isEqualTo("/data:\none\ntwo\n\n/f:\ng\n1\n2\n");
  }

  @Test
  void refusesWhatIsWrong() {
    host.create(host.spec("box"));
    Contents contents = host.engine().contents();
    assertThatThrownBy(() -> contents.commit("box", as("Upper:1"), () -> false))
        .isInstanceOf(JcomposeException.InvalidArgument.class);
    assertThatThrownBy(() -> contents.commit("box", as("x", "RUN true"), () -> false))
        .hasMessageContaining("RUN true");
    assertThatThrownBy(() -> contents.commit("none", as("x"), () -> false))
        .isInstanceOf(JcomposeException.NotFound.class);
    assertThat(host.engine().images().find("x")).isEmpty();
  }

  private static List<String> acts() {
    return host.events.stream()
        .filter(EngineEvent.ContainerActed.class::isInstance)
        .map(event -> ((EngineEvent.ContainerActed) event).action())
        .toList();
  }

  private static List<Path> snapshots() throws IOException {
    try (Stream<Path> all = Files.list(host.root.resolve("state/images/snapshots"))) {
      return all.filter(p -> !String.valueOf(p.getFileName()).startsWith(".")).toList();
    }
  }

  /** What export has of a container, without what the engine puts there for mounts. */
  private static Map<String, String> tree(String ref) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    host.engine().contents().export(ref, bytes);
    Map<String, String> tree = new TreeMap<>();
    try (var tar = new TarArchiveInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      for (TarArchiveEntry e = tar.getNextEntry(); e != null; e = tar.getNextEntry()) {
        if (!e.getName().matches("etc/(hosts|hostname|resolv.conf|mtab)|declared/|dev/.*")) {
          String what = e.isFile() && !e.isLink() ? new String(tar.readAllBytes(), "UTF-8") : "";
          tree.put(
              e.getName(),
              String.format(
                  "%c %d %d %o %s%s%d:%d",
                  e.getLinkFlag(),
                  e.getLongUserId(),
                  e.getLongGroupId(),
                  e.getMode(),
                  e.getLinkName(),
                  what.length() > 100 ? "" + what.hashCode() : what,
                  e.getDevMajor(),
                  e.getDevMinor()));
        }
      }
    }
    return tree;
  }
}
