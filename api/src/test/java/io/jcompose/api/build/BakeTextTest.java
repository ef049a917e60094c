package io.jcompose.api.build;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.build.BuildSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BakeTextTest {
  @Test
  void targetsAreBakes() {
    BuildSpec spec =
        BuildSpec.of("my.web", Path.of("/shop/web"))
            .with()
            .dockerfile("docker/Dockerfile")
            .args(Map.of("B", "2", "A", "1"))
            .tags(List.of("shop-web"))
            .contexts(Map.of("base", "target:my.base"))
            .secrets(
                List.of(
                    new BuildSpec.Secret("a", Path.of("/k"), null),
                    new BuildSpec.Secret("b", null, "hidden")))
            .build();
    assertThat(BakeText.of(List.of(spec)))
        .isEqualTo(
            """
            {
              "group": {
                "default": {
                  "targets": [
                    "my_web"
                  ]
                }
              },
              "target": {
                "my_web": {
                  "context": "/shop/web",
                  "contexts": {
                    "base": "target:my_base"
                  },
                  "dockerfile": "/shop/web/docker/Dockerfile",
                  "args": {
                    "A": "1",
                    "B": "2"
                  },
                  "tags": [
                    "shop-web"
                  ],
                  "secret": [
                    "id=a,type=file,src=/k",
                    "id=b,type=env"
                  ],
                  "output": [
                    "type=docker"
                  ]
                }
              }
            }""");
  }
}
