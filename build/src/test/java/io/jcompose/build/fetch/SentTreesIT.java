package io.jcompose.build.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.build.SentFolder;
import io.jcompose.core.build.SentFolder.Entry;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Folders that are sent; as root, whose all of it is. */
class SentTreesIT {
  private static final long TIME = 1_000_000_000L;

  @TempDir Path place;
  private SentTrees trees;

  @BeforeEach
  void make() {
    trees = new SentTrees(place, 1000);
  }

  private static Entry entry(String path, int mode) {
    return new Entry(path, mode, TIME, 5, Map.of());
  }

  /** True when its content was not asked for. */
  private static boolean file(SentFolder folder, String path, String content) throws IOException {
    boolean here = folder.file(entry(path, 0644), content.length());
    if (!here) {
      try (OutputStream out = folder.content(entry(path, 0644))) {
        out.write(content.getBytes(StandardCharsets.UTF_8));
      }
    }
    return here;
  }

  private static Map<String, String> files(Path folder) throws IOException {
    Map<String, String> found = new TreeMap<>();
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.filter(one -> !one.equals(folder)).toList()) {
        String name = folder.relativize(path).toString();
        String mode =
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS));
        if (Files.isSymbolicLink(path)) {
          found.put(name, "-> " + Files.readSymbolicLink(path));
        } else if (Files.isDirectory(path)) {
          found.put(name, mode);
        } else {
          found.put(name, mode + " " + Files.readString(path));
        }
      }
    }
    return found;
  }

  private static void first(SentFolder folder) throws IOException {
    folder.folder(entry("a", 0750));
    file(folder, "a/one", "1");
    folder.folder(entry("a/deep", 0700));
    file(folder, "a/deep/two", "2");
    folder.link(entry("b", 0777), "/etc/passwd");
    file(folder, "c", "3");
    folder.finish();
  }

  @Test
  void whatIsSentIsThereWithItsAttributes() throws IOException {
    try (SentFolder folder = trees.open("")) {
      folder.folder(entry("a", 0500)); // which lets nobody write
      file(folder, "a/one", "1");
      folder.hardLink(entry("a/same", 0644), "late");
      folder.link(entry("b", 0777), "a/one");
      folder.file(entry("late", 0644), 1);
      try (OutputStream out = folder.content(entry("late", 0644))) {
        out.write('L');
      }
      folder.finish();
      assertThat(files(folder.path()))
          .isEqualTo(
              Map.of(
                  "a", "r-x------",
                  "a/one", "rw-r--r-- 1",
                  "a/same", "rw-r--r-- L",
                  "b", "-> a/one",
                  "late", "rw-r--r-- L"));
      FileTime time = Files.getLastModifiedTime(folder.path().resolve("a"));
      assertThat(time.toInstant().getEpochSecond()).isEqualTo(TIME);
      assertThat(time.toInstant().getNano()).isEqualTo(5);
    }
    assertThat(files(place)).isEmpty();
  }

  @Test
  void theNextTimeOnlyWhatChangedIsAskedFor() throws IOException {
    try (SentFolder folder = trees.open("key")) {
      first(folder);
    }
    try (SentFolder folder = trees.open("key")) {
      folder.folder(entry("a", 0755));
      assertThat(file(folder, "a/one", "1")).isTrue();
      folder.folder(entry("b", 0755)); // it was a link
      assertThat(file(folder, "b/new", "4")).isFalse();
      assertThat(file(folder, "c", "33")).isFalse();
      folder.finish();
      assertThat(files(folder.path()))
          .isEqualTo(
              Map.of(
                  "a", "rwxr-xr-x",
                  "a/one", "rw-r--r-- 1",
                  "b", "rwxr-xr-x",
                  "b/new", "rw-r--r-- 4",
                  "c", "rw-r--r-- 33"));
    }
    assertThat(trees.prune()).isEqualTo(4);
    assertThat(files(place)).isEmpty();
  }

  @Test
  void aFolderThatIsEmptyNowIsEmptied() throws IOException {
    try (SentFolder folder = trees.open("key")) {
      first(folder);
    }
    try (SentFolder folder = trees.open("key")) {
      folder.folder(entry("a", 0755));
      folder.finish();
      assertThat(files(folder.path())).isEqualTo(Map.of("a", "rwxr-xr-x"));
    }
    trees.prune();
  }

  @Test
  void whatIsInUseIsNobodyElses() throws IOException {
    try (SentFolder one = trees.open("key")) {
      first(one);
      try (SentFolder other = trees.open("key")) {
        assertThat(other.path()).isNotEqualTo(one.path());
        assertThat(file(other, "c", "3")).isFalse();
        other.finish();
      }
    }
    assertThat(trees.prune()).isPositive();
    assertThat(files(place)).isEmpty();
  }

  @Test
  void whatBrokeOffDoesNotStay() throws IOException {
    try (SentFolder folder = trees.open("key")) {
      file(folder, "c", "3");
    }
    assertThat(files(place)).isEmpty();
  }

  @Test
  void theOldestGoWhereThereAreTooManyBytes() throws IOException {
    for (String key : new String[] {"1", "2", "3"}) {
      try (SentFolder folder = trees.open(key)) {
        file(folder, "c", "x".repeat(400));
        folder.finish();
      }
    }
    try (SentFolder folder = trees.open("1")) {
      assertThat(file(folder, "c", "x".repeat(400))).isFalse();
    }
    try (SentFolder folder = trees.open("3")) {
      assertThat(file(folder, "c", "x".repeat(400))).isTrue();
      folder.finish();
    }
    trees.prune();
  }

  @Test
  void noPathLeadsOut() throws IOException {
    Path outside = Files.createDirectory(place.resolve("outside"));
    for (String path : new String[] {"../x", "/x", "a/../x", "", ".", "a//x", "link/x", "none/x"}) {
      try (SentFolder folder = trees.open("")) {
        folder.folder(entry("a", 0755));
        folder.link(entry("link", 0777), outside.toString());
        assertThatThrownBy(() -> file(folder, path, "evil"))
            .as(path)
            .isInstanceOf(JcomposeException.InvalidArgument.class);
      }
    }
    try (SentFolder folder = trees.open("")) {
      folder.link(entry("link", 0777), outside.toString());
      folder.hardLink(entry("x", 0644), "link/secret");
      assertThatThrownBy(folder::finish).isInstanceOf(JcomposeException.InvalidArgument.class);
    }
    try (SentFolder folder = trees.open("")) {
      file(folder, "twice", "1");
      assertThatThrownBy(() -> file(folder, "twice", "2"))
          .isInstanceOf(JcomposeException.InvalidArgument.class);
    }
    assertThat(files(place)).isEqualTo(Map.of("outside", "rwxr-xr-x"));
  }

  @Test
  void aHardLinkNamesOnlyWhatWasSent() throws IOException {
    try (SentFolder folder = trees.open("key")) {
      file(folder, ".env", "old");
      folder.finish();
    }
    try (SentFolder folder = trees.open("key")) {
      folder.hardLink(entry("x", 0644), ".env");
      assertThatThrownBy(folder::finish).isInstanceOf(JcomposeException.InvalidArgument.class);
    }
    assertThat(files(place)).isEmpty();
  }

  @Test
  void depthHasALimit() throws IOException {
    try (SentFolder folder = trees.open("")) {
      assertThatThrownBy(
              () -> {
                String path = "a";
                for (int i = 0; i < 200; i++) {
                  folder.folder(entry(path, 0755));
                  path += "/a";
                }
              })
          .isInstanceOf(JcomposeException.InvalidArgument.class)
          .hasMessageContaining("120 folders deep");
    }
    assertThat(files(place)).isEmpty();
  }
}
