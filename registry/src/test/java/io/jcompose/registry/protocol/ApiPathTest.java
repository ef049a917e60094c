package io.jcompose.registry.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.registry.protocol.ApiPath.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ApiPathTest {
  @ParameterizedTest
  @CsvSource({
    "a/tags/list, TAGS, a, ''",
    "team/app/tags/list, TAGS, team/app, ''",
    "a/manifests/1, MANIFEST, a, 1",
    "a/blobs/sha256:0, BLOB, a, sha256:0",
    "a/blobs/sha256%3A0, BLOB, a, sha256:0",
    "a/blobs/uploads/, NEW_UPLOAD, a, ''",
    "a/blobs/uploads, NEW_UPLOAD, a, ''",
    "a/blobs/uploads/12, UPLOAD, a, 12",
    "a/referrers/sha256:0, REFERRERS, a, sha256:0",
    "manifests/manifests/manifests, MANIFEST, manifests, manifests",
    "a/tags/list/manifests/1, MANIFEST, a/tags/list, 1",
    "a/blobs/uploads/tags/list, TAGS, a/blobs/uploads, ''",
    "..%2Fa/manifests/%zz, MANIFEST, ../a, %zz",
  })
  void theEndOfAPathDecides(String path, Kind kind, String name, String item) {
    assertThat(ApiPath.parse(path)).contains(new ApiPath(kind, name, item));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "a", "/", "a/b", "/tags/list", "/manifests/1", "a/manifests/", "manifests/1"})
  void whatIsNothingIsNothing(String path) {
    assertThat(ApiPath.parse(path)).isEmpty();
  }

  @Test
  void aPathOfSlashesEnds() {
    assertThat(ApiPath.parse("/".repeat(4000))).isEmpty();
  }
}
