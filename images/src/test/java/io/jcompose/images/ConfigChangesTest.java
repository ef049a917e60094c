package io.jcompose.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jcompose.core.JcomposeException;
import io.jcompose.images.oci.Json;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConfigChangesTest {
  private static String changed(String before, String... changes) {
    ObjectNode config =
        (ObjectNode) Json.parse(before.replace('\'', '"').getBytes(StandardCharsets.UTF_8), "test");
    ConfigChanges.apply(config, List.of(changes));
    return config.toString().replace('"', '\'');
  }

  @Test
  void takesCommandsAsListsAndAsShellLines() {
    assertThat(changed("{}", "CMD [\"a\", \"b c\"]")).isEqualTo("{'Cmd':['a','b c']}");
    assertThat(changed("{}", "cmd a  $X")).isEqualTo("{'Cmd':['/bin/sh','-c','a  $X']}");
    assertThat(changed("{'Shell':['/bin/ash','-c']}", "CMD x"))
        .isEqualTo("{'Shell':['/bin/ash','-c'],'Cmd':['/bin/ash','-c','x']}");
    assertThat(changed("{'Cmd':['old']}", "ENTRYPOINT [\"e\"]")).isEqualTo("{'Entrypoint':['e']}");
    assertThat(changed("{}", "CMD [\"c\"]\nENTRYPOINT [\"e\"]"))
        .isEqualTo("{'Cmd':['c'],'Entrypoint':['e']}");
  }

  @Test
  void takesPairsInBothForms() {
    assertThat(changed("{'Env':['A=1','B=2']}", "ENV B=\"x y\" C='$A' D=$A${B}\\ z"))
        .isEqualTo("{'Env':['A=1','B=x y','C=$A','D=12 z']}");
    assertThat(changed("{}", "ENV NAME one  two")).isEqualTo("{'Env':['NAME=one two']}");
    assertThat(changed("{}", "LABEL a.b=c \"d e\"=f"))
        .isEqualTo("{'Labels':{'a.b':'c','d e':'f'}}");
  }

  @Test
  void takesTheRest() {
    assertThat(changed("{}", "EXPOSE 80 53/udp 8000-8001"))
        .isEqualTo("{'ExposedPorts':{'80/tcp':{},'53/udp':{},'8000/tcp':{},'8001/tcp':{}}}");
    assertThat(changed("{}", "VOLUME [\"/a b\"]", "VOLUME /c /d"))
        .isEqualTo("{'Volumes':{'/a b':{},'/c':{},'/d':{}}}");
    assertThat(changed("{'WorkingDir':'/a'}", "WORKDIR b/../c", "USER joe:wheel"))
        .isEqualTo("{'WorkingDir':'/a/c','User':'joe:wheel'}");
    assertThat(changed("{}", "ONBUILD RUN x", "STOPSIGNAL SIGINT"))
        .isEqualTo("{'OnBuild':['RUN x'],'StopSignal':'SIGINT'}");
  }

  @Test
  void refusesTheOthers() {
    for (String line :
        List.of("RUN x", "FROM y", "ENV A", "EXPOSE x", "ONBUILD FROM z", "USER", "LABEL =x")) {
      assertThatThrownBy(() -> changed("{}", line))
          .as(line)
          .isInstanceOf(JcomposeException.InvalidArgument.class)
          .hasMessageContaining(line);
    }
  }
}
