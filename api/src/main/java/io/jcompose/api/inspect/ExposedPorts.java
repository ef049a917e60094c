package io.jcompose.api.inspect;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerView;
import io.jcompose.core.ContainerView.PortBinding;
import io.jcompose.core.Images.ImageView;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The ports that an image and a container's file expose; neither opens anything. Stateless. */
public final class ExposedPorts {
  /** Images may say anything; what has another form is passed over. */
  private static final Pattern FORM =
      Pattern.compile("([0-9]{1,5})(?:-([0-9]{1,5}))?(?:/([a-z]{1,8}))?");

  private static final int LAST = 65535;

  /** Of one container, whose image may expose ranges: more are of no use to anybody who reads. */
  private static final int MOST = 1_000;

  private ExposedPorts() {}

  /** A port of a protocol. */
  public record Exposed(int number, String protocol) {}

  /** Beside the published ones: while it runs, and where it has networks of its own, as Docker. */
  public static boolean areTold(ContainerView view) {
    return view.isRunning() && view.spec().networking().mode().equals("networks");
  }

  /** What is published, and what a running container and its image expose besides. */
  public static List<PortBinding> beside(ContainerView view, @Nullable ImageView image) {
    List<PortBinding> all = new ArrayList<>(view.ports());
    if (areTold(view)) {
      Set<Exposed> published =
          view.ports().stream()
              .map(port -> new Exposed(port.containerPort(), port.protocol()))
              .collect(Collectors.toSet());
      of(view.spec(), image).stream()
          .filter(port -> !published.contains(port))
          .map(port -> new PortBinding("", 0, port.number(), port.protocol()))
          .forEach(all::add);
    }
    return all;
  }

  /** Each once, the published ones too where they are exposed. */
  public static Set<Exposed> of(ContainerSpec spec, @Nullable ImageView image) {
    return of(spec.networking().exposed(), image);
  }

  /** The same of what {@link io.jcompose.core.Networking#exposed} will be. */
  public static Set<Exposed> of(List<String> exposed, @Nullable ImageView image) {
    Set<Exposed> ports = new LinkedHashSet<>();
    (image == null ? List.<String>of() : image.ports()).forEach(text -> add(ports, text));
    exposed.forEach(text -> add(ports, text));
    return ports;
  }

  private static void add(Set<Exposed> ports, String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      return;
    }
    int first = Integer.parseInt(form.group(1));
    int last = form.group(2) == null ? first : Integer.parseInt(form.group(2));
    String protocol = form.group(3) == null ? "tcp" : form.group(3);
    for (int number = first; number <= Math.min(last, LAST) && ports.size() < MOST; number++) {
      ports.add(new Exposed(number, protocol));
    }
  }
}
