package io.jcompose.build.context;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class FileListTest {
  private static FileList list() {
    return new FileList(new FileList.Room(new AtomicLong(100 << 20)));
  }

  private static FileList many(int from, int to, String digest) {
    FileList list = list();
    for (int i = from; i < to; i++) {
      list.add("d" + i % 10 + "/f" + i, "f644", i == 7 ? digest : "1");
    }
    return list;
  }

  @Test
  void filesAreListedBelowTheirFolder() {
    FileList all = list();
    FileList some = list();
    some.add("", "d755", "");
    some.add("x", "f644", "1");
    all.addAll("src", some);
    assertThat(all.entries()).containsOnlyKeys("src", "src/x").containsEntry("src/x", "f644 1");
    assertThat(all.isOfFolders()).isFalse();
  }

  @Test
  void tooManyFilesAreFolders() {
    FileList one = many(0, 20_001, "1");
    FileList other = many(0, 20_001, "2");
    assertThat(one.isOfFolders()).isTrue();
    assertThat(one.entries()).hasSize(10).isNotEqualTo(other.entries());
    assertThat(one.entries().get("d1")).isEqualTo(other.entries().get("d1"));
    assertThat(one.entries().get("d7")).isNotEqualTo(other.entries().get("d7"));
    FileList both = list();
    both.addAll("", many(10_000, 20_001, "1"));
    both.addAll("", many(0, 10_000, "1"));
    assertThat(both.entries()).isEqualTo(one.entries()); // in whichever order
    FileList below = list();
    below.addAll("src", one);
    assertThat(below.entries()).containsKey("src/d7").hasSize(10);
  }

  @Test
  void withoutRoomNothingIsListed() {
    FileList.Room room = new FileList.Room(new AtomicLong(1000));
    FileList list = new FileList(room);
    for (int i = 0; i < 100; i++) {
      list.add("f" + i, "f644", "1");
    }
    assertThat(list.entries()).isEmpty();
    FileList more = list();
    more.addAll("", list);
    assertThat(more.entries()).isEmpty();
  }
}
