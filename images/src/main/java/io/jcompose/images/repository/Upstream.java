package io.jcompose.images.repository;

import io.jcompose.core.ImageReference;
import io.jcompose.core.JcomposeException;
import io.jcompose.images.oci.Json;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Another registry, whose images are fetched through this one. In paths of repositories it is its
 * host; the grammar of names has no colon, so that a port follows an underscore, which is in no
 * host's name: {@code registry.lan_5000/team/app}.
 *
 * @param host {@code host} or {@code host:port}, as image names have it
 */
public record Upstream(String host) {
  private static final Pattern HOST =
      Pattern.compile("[a-z0-9](?:[a-z0-9.-]{0,200}[a-z0-9])?(?::[0-9]{1,5})?");

  public Upstream {
    host = host.toLowerCase(Locale.ROOT);
    if (host.equals("index.docker.io") || host.equals("registry-1.docker.io")) {
      host = "docker.io";
    }
    if (!HOST.matcher(host).matches() || !isNamedSo(host)) {
      throw new JcomposeException.InvalidArgument(
          "invalid name of a registry: %s; host[:port] expected, as in docker.io"
              .formatted(Json.shown(host)));
    }
  }

  /** A first word without a dot or a port would be a part of Docker Hub's path. */
  private static boolean isNamedSo(String host) {
    try {
      RepositoryName ignored = new RepositoryName(prefix(host));
      return ImageReference.parse(host + "/a/b").domain().equals(host);
    } catch (JcomposeException.InvalidArgument e) {
      return false;
    }
  }

  private static String prefix(String host) {
    return host.replace(':', '_');
  }

  /** The first part of its repositories' names here. */
  public String prefix() {
    return prefix(host);
  }

  @Override
  public String toString() {
    return host;
  }
}
