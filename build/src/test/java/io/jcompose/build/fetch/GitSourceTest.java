package io.jcompose.build.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GitSourceTest {
  @Test
  void aFragmentHasRefAndFolder() {
    GitSource source = GitSource.parse("https://host/team/repo.git#v1:docker/web");
    assertThat(source.reference().remote()).isEqualTo("https://host/team/repo.git");
    assertThat(source.reference().ref()).isEqualTo("v1");
    assertThat(source.reference().folder()).isEqualTo("docker/web");
    assertThat(source.keepsGitDir()).isFalse();
  }

  @Test
  void aQueryHasTheSameAndMore() {
    GitSource source =
        GitSource.parse(
            "https://host/repo.git?branch=main&subdir=a%2Fb&checksum=abc123&keep-git-dir=1"
                + "&submodules=false");
    assertThat(source.reference().remote()).isEqualTo("https://host/repo.git");
    assertThat(source.reference().ref()).isEqualTo("main");
    assertThat(source.reference().folder()).isEqualTo("a/b");
    assertThat(source.checksum()).isEqualTo("abc123");
    assertThat(source.keepsGitDir()).isTrue();
    assertThat(source.submodules()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://host/repo.git?x=1",
        "https://host/repo.git?ref=a&tag=b",
        "https://host/repo.git?ref=a#b",
        "https://host/repo.git?keep-git-dir=maybe",
        "https://host/repo.git?ref=--upload-pack",
        "https://host/repo.git?subdir=../x",
        "https://host/repo.git?ref=a%zz",
        "https://host/repo.git#a..b"
      })
  void whatIsNoneIsRefused(String text) {
    assertThat(GitSource.accepts(text)).isTrue();
    assertThatThrownBy(() -> GitSource.parse(text))
        .isInstanceOf(JcomposeException.InvalidArgument.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://host/file.tar.gz", "http://host/repo.git/file", "a/b.git", "-"})
  void othersAreNoRepositories(String text) {
    assertThat(GitSource.accepts(text)).isFalse();
  }

  @Test
  void whatIsSaidTwiceMustBeTheSame() {
    GitSource source = GitSource.parse("https://host/repo.git?checksum=abc&keep-git-dir=0");
    assertThat(source.checked("abc").keeping(false)).isEqualTo(source);
    assertThatThrownBy(() -> source.checked("def")).hasMessageContaining("checksum mismatch");
    assertThatThrownBy(() -> source.keeping(true)).hasMessageContaining("inconsistent");
  }
}
