package io.jcompose.scheduler;

import io.jcompose.core.ContainerView;

/** The labels that tell a project's objects, byte for byte Docker Compose's. */
public final class Labels {
  private static final String PREFIX = "com.docker.compose.";
  public static final String PROJECT = PREFIX + "project";
  public static final String SERVICE = PREFIX + "service";
  public static final String CONTAINER_NUMBER = PREFIX + "container-number";
  public static final String ONEOFF = PREFIX + "oneoff";
  public static final String CONFIG_HASH = PREFIX + "config-hash";
  public static final String IMAGE = PREFIX + "image";
  public static final String DEPENDS_ON = PREFIX + "depends_on";
  public static final String WORKING_DIR = PREFIX + "project.working_dir";
  public static final String CONFIG_FILES = PREFIX + "project.config_files";
  public static final String ENVIRONMENT_FILE = PREFIX + "project.environment_file";
  public static final String VERSION = PREFIX + "version";
  public static final String SLUG = PREFIX + "slug";
  public static final String REPLACE = PREFIX + "replace";
  public static final String NETWORK = PREFIX + "network";
  public static final String VOLUME = PREFIX + "volume";

  /** Ours; tools only look whether the label is there. */
  public static final String OUR_VERSION = "0.1.0";

  private Labels() {}

  /** The service that a container is of; empty when its labels name none. */
  public static String service(ContainerView container) {
    return container.labels().getOrDefault(SERVICE, "");
  }

  /** Whether {@code run} made the container. */
  public static boolean isOneOff(ContainerView container) {
    return container.labels().getOrDefault(ONEOFF, "False").equalsIgnoreCase("true");
  }

  /** The replica's number, or 0 when its label tells none. */
  public static int number(ContainerView container) {
    try {
      return Integer.parseInt(container.labels().getOrDefault(CONTAINER_NUMBER, "0"));
    } catch (NumberFormatException e) {
      return 0;
    }
  }
}
