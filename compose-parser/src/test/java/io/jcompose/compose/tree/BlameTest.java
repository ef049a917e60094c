package io.jcompose.compose.tree;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.compose.LoadRequest;
import io.jcompose.compose.Positions;
import io.jcompose.compose.ProjectLoader;
import io.jcompose.compose.SourcePosition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The place of what a message of somebody who knows no file speaks of. */
class BlameTest {
  private static final String FILE =
      """
      services:
        a:
          image: nginx
          environment: {DEVICE: /dev/nosuch}
          devices:
            - /dev/null
            - /dev/nosuch
          volumes:
            - ./data:/data
            - {type: bind, source: /nosuch/dir, target: /x, bind: {create_host_path: false}}
          sysctls:
            kernel.nosuch: 1
          security_opt: ["apparmor=nosuch-profile"]
          runtime: fast
          cpus: 64
          container_name: mine
        b: {image: nginx, networks: [front]}
      networks:
        front:
          driver_opts: {com.example.option: "1"}
          ipam: {config: [{subnet: 10.0.0.0/24, gateway: 10.9.0.1}]}
      """;

  @TempDir private Path folder;
  private Positions positions;

  @BeforeEach
  void load() throws IOException {
    Files.writeString(folder.resolve("compose.yaml"), FILE);
    positions = new ProjectLoader().load(LoadRequest.of(folder, Map.of())).positions();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "services.a | error gathering device information while adding custom device \"/dev/nosuch\": no such file | 7",
        "services.a | bind source path does not exist: /nosuch/dir | 10",
        "services.a | sysctl kernel.nosuch is not in a separate namespace | 12",
        "services.a | AppArmor profile \"nosuch-profile\" is not loaded | 13",
        "services.a | unknown or invalid runtime name: fast | 14",
        "services.a | Range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available | 15",
        "services.a | Conflict. The container name \"/mine\" is already in use | 16",
        "services.a | of which no value speaks at all | 3",
        "services.a | of /nosuch/directory, which only begins like a value | 3",
        "services.b | the same of another service: /dev/nosuch | 17",
        "networks.front | network driver option com.example.option=1 is not supported | 20",
        "networks.front | the gateway 10.9.0.1 is not inside the subnet | 21",
      })
  void isThatOfTheValueOrElseOfTheElement(String element, String message, int line) {
    SourcePosition place = positions.blamed(element, message);
    assertThat(place).isNotNull();
    assertThat(place.line()).isEqualTo(line);
  }

  @Test
  void whatNoFileHasHasNoPlace() {
    assertThat(positions.blamed("networks.default", "Pool overlaps")).isNull();
    assertThat(positions.blamed("services.", "impossible")).isNull();
    assertThat(Positions.NONE.blamed("services.a", "impossible")).isNull();
  }
}
