package io.jcompose.cli.docker;

import io.jcompose.cli.terminal.Consoles;
import io.jcompose.cli.wire.Json;
import io.jcompose.cli.wire.Version;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What docker's own command line asks its plug-ins, so that {@code docker compose} is this program
 * where {@code ~/.docker/cli-plugins/docker-compose} is a link to it.
 */
public final class Plugin {
  public static final String COMMAND = "docker-cli-plugin-metadata";

  private Plugin() {}

  /** Prints who it is; needs no engine. */
  public static int print() throws IOException {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("SchemaVersion", "0.1.0");
    members.put("Vendor", "jcompose");
    members.put("Version", "v" + Version.TEXT);
    members.put("ShortDescription", "Compose files, by jcompose's engine");
    Consoles.current().say(new Json().value(members) + "\n");
    return 0;
  }
}
