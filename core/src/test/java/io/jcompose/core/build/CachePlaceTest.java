package io.jcompose.core.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CachePlaceTest {
  private static final Path FOLDER = Path.of("/work");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "app                                 | type=registry,ref=docker.io/library/app:latest",
        "reg.example:5000/a/b:1              | type=registry,ref=reg.example:5000/a/b:1",
        "type=registry,ref=reg.example/a     | type=registry,ref=reg.example/a:latest",
        "type=local,src=cache                | type=local,src=/work/cache",
        "type=local,src=/var/cache           | type=local,src=/var/cache",
      })
  void resultsComeFrom(String text, String means) {
    assertThat(CachePlace.from(text, FOLDER).text(false)).isEqualTo(means);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "type=inline                         | type=inline",
        "reg.example/a                       | type=registry,ref=reg.example/a:latest",
        "type=registry,ref=a/b,mode=max      | type=registry,ref=docker.io/a/b:latest,mode=max",
        "type=registry,ref=a/b,mode=min,image-manifest=true,oci-mediatypes=true"
            + " | type=registry,ref=docker.io/a/b:latest",
        "type=local,dest=x,mode=max          | type=local,dest=/work/x,mode=max",
      })
  void resultsGoTo(String text, String means) {
    assertThat(CachePlace.to(text, FOLDER).text(true)).isEqualTo(means);
  }

  @Test
  void layersArePackedAsIsAsked() {
    CachePlace place =
        CachePlace.to("type=registry,ref=a/b,compression=zstd,ignore-error=true", FOLDER);
    assertThat(place.packing().compression()).isEqualTo(Packing.Compression.ZSTD);
    assertThat(place.isTolerant()).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "type=gha                            | its type is not carried out",
        "type=s3,region=x                    | its type is not carried out",
        "ref=a/b                             | its type is not carried out",
        "type=registry                       | ref is missing",
        "type=local                          | dest is missing",
        "type=registry,ref=a/b,mode=some     | mode is min or max",
        "type=registry,ref=a/b,ignore-error=1 | ignore-error is true or false",
        "type=registry,ref=a/b,image-manifest=false | and no other",
        "type=registry,ref=a/b,x=y           | the attribute x is not carried out",
        "type=registry,x                     | write an image's name",
        "type=registry,ref=A                 | must be lowercase",
      })
  void whatCannotBeIsRefused(String text, String why) {
    assertThatThrownBy(() -> CachePlace.to(text, FOLDER)).hasMessageContaining(why);
  }

  @Test
  void anImageIsNoPlaceToTakeFromByThatName() {
    assertThatThrownBy(() -> CachePlace.from("type=inline", FOLDER))
        .hasMessageContaining("its type is not carried out");
    assertThatThrownBy(() -> CachePlace.from("type=registry,ref=a/b,mode=max", FOLDER))
        .hasMessageContaining("the attribute mode is not carried out");
  }
}
