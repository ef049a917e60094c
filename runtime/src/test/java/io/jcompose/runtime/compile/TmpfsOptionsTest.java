package io.jcompose.runtime.compile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import java.util.List;
import org.junit.jupiter.api.Test;

class TmpfsOptionsTest {
  private static final int DEFAULT = 0xe; // nosuid, nodev, noexec

  private static void check(String text, int attributes, String data) {
    TmpfsOptions options = TmpfsOptions.parse(text);
    assertThat(options.attributes()).as(text).isEqualTo(attributes);
    assertThat(options.data()).as(text).isEqualTo(data);
  }

  @Test
  void turnsWordsIntoFlagsOfTheMount() {
    check("", DEFAULT, "");
    check("defaults,rw,relatime,,silent", DEFAULT, "");
    check("exec,suid,dev", 0, "");
    check("ro,noatime", DEFAULT | 0x11, "");
    check("noatime,strictatime", DEFAULT | 0x20, "");
    check("noatime,atime,nodiratime", DEFAULT | 0x80, "");
    check("nosymfollow,exec,noexec", DEFAULT | 0x200000, "");
    check("sync,dirsync,lazytime", DEFAULT, "sync,dirsync,lazytime");
    check("sync,async,mand,iversion", DEFAULT, "");
    check(
        "size=64m,nr_inodes=10k,uid=5,gid=6,mode=0700,huge=never",
        DEFAULT,
        "size=64m,nr_inodes=10k,uid=5,gid=6,mode=0700,huge=never");
    check("size=50%,mpol=bind:0-1,noswap", DEFAULT, "size=50%,mpol=bind:0-1,noswap");
  }

  @Test
  void hasAModeOnlyWhenOneIsGiven() {
    assertThat(TmpfsOptions.parse("mode=1777").hasMode()).isTrue();
    assertThat(TmpfsOptions.parse("size=1m").hasMode()).isFalse();
  }

  @Test
  void refusesWhatIsNone() {
    for (String bad :
        List.of("nosuch", "size=abc", "mode=9", "mode", "uid=joe", "=", "bind", "size=1,x=2")) {
      assertThatThrownBy(() -> TmpfsOptions.parse(bad))
          .as(bad)
          .isInstanceOf(JcomposeException.InvalidArgument.class)
          .hasMessageStartingWith("invalid tmpfs option \"");
    }
  }
}
