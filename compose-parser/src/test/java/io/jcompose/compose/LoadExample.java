package io.jcompose.compose;

import io.jcompose.compose.config.ConfigWriter;
import io.jcompose.compose.model.PortConfig;
import io.jcompose.compose.model.Project;
import io.jcompose.compose.model.Service;
import java.nio.file.Path;
import java.util.List;

/** The example of the package page; {@link LoadExampleTest} compares and runs it. */
final class LoadExample {
  private LoadExample() {}

  static String ports(Path folder) {
    // The example begins.
    LoadRequest request = LoadRequest.of(folder, System.getenv());
    Project project = new ProjectLoader().load(request);
    project.warnings().forEach(System.err::println);

    StringBuilder text = new StringBuilder();
    for (Service service : project.services().values()) {
      for (PortConfig port : service.networking().ports()) {
        text.append(service.name())
            .append(" listens on ")
            .append(port.publishedFirst())
            .append('\n');
      }
    }
    String canonical = new ConfigWriter().yaml(project, List.of(), true);
    SourcePosition place = project.positions().of("services.web.image");
    // The example ends.
    return text + canonical + place;
  }
}
