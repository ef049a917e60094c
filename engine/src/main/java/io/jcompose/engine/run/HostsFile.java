package io.jcompose.engine.run;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerView.EndpointView;
import io.jcompose.core.Ids;
import io.jcompose.engine.record.ContainerRecord;
import io.jcompose.linux.KernelException;
import io.jcompose.linux.file.ForeignFile;
import io.jcompose.network.NetworkStack;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running container's {@code /etc/hosts}, which says the addresses of the container itself. */
record HostsFile(Path path) {
  private static final Logger LOG = LoggerFactory.getLogger(HostsFile.class);

  /** A container may write to it what it likes, and the engine reads it whole. */
  private static final int MOST_BYTES = 1 << 20;

  /**
   * Puts the addresses right. Written in place, for it is mounted; a failure is logged, as names of
   * other containers do not come from here.
   */
  void change(ContainerRecord record, List<EndpointView> before, List<EndpointView> after) {
    List<String> gone = addresses(before);
    List<String> come = addresses(after);
    List<String> stay = new ArrayList<>(gone);
    stay.retainAll(come);
    gone.removeAll(stay);
    come.removeAll(stay);
    ContainerSpec.ProcessSpec process = record.spec().process();
    String hostname = process.hostname().isEmpty() ? Ids.brief(record.id()) : process.hostname();
    try {
      // the container changes it meanwhile: what is read is bounded, whatever it says of its size
      String text = text(ForeignFile.content(path, MOST_BYTES));
      Files.writeString(
          path,
          NetworkStack.changedHosts(
              text, gone, come, bytewise(hostname), bytewise(process.domainname())),
          StandardCharsets.ISO_8859_1);
    } catch (IOException | KernelException e) {
      LOG.warn("{} keeps the addresses that the container had", path, e);
    }
  }

  /** A character for each byte: it may be in any encoding. */
  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private static String bytewise(String text) {
    return text(text.getBytes(StandardCharsets.UTF_8));
  }

  private static List<String> addresses(List<EndpointView> endpoints) {
    List<String> addresses = new ArrayList<>();
    for (EndpointView each : endpoints) {
      addresses.add(each.ipv4Address());
      addresses.add(each.ipv6Address());
    }
    addresses.removeIf(String::isEmpty);
    return addresses;
  }
}
