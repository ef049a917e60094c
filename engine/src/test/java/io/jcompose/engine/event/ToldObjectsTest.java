package io.jcompose.engine.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.EngineEvent.ObjectChanged;
import io.jcompose.core.Images;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networks;
import io.jcompose.core.Networks.NetworkSpec;
import io.jcompose.core.Networks.NetworkView;
import io.jcompose.core.Progress;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What Docker tells of networks and images. */
class ToldObjectsTest {
  private static final String ID = "sha256:" + "a".repeat(64);

  private final EventHub hub = new EventHub();
  private final List<String> told = new ArrayList<>();
  private final Map<String, Function<Object[], Object>> answers = new HashMap<>();
  private final ToldImages images = new ToldImages(port(Images.class), hub);
  private final ToldNetworks networks = new ToldNetworks(port(Networks.class), hub);

  @BeforeEach
  void listen() {
    hub.subscribe(
        event -> {
          if (event instanceof ObjectChanged change) {
            told.add(
                change.kind()
                    + " "
                    + change.action()
                    + " "
                    + change.id()
                    + " "
                    + change.attributes()
                    + change.labels());
          }
        });
    answers.put("find", arguments -> Optional.of(image()));
    answers.put("list", arguments -> List.of(image()));
  }

  private <P> P port(Class<P> port) {
    return port.cast(
        Proxy.newProxyInstance(
            port.getClassLoader(),
            new Class<?>[] {port},
            (proxy, method, arguments) ->
                answers.getOrDefault(method.getName(), none -> null).apply(arguments)));
  }

  private static Images.ImageView image() {
    return new Images.ImageView(
        ID,
        List.of("a/b:1"),
        List.of(),
        0,
        null,
        "linux/amd64",
        List.of(),
        List.of(),
        List.of(),
        "",
        "",
        List.of(),
        List.of(),
        Map.of("k", "v"),
        "",
        null,
        List.of());
  }

  @Test
  void imagesThatComeAndGoAreTold() throws IOException {
    answers.put("pull", arguments -> image());
    answers.put("push", arguments -> new Images.Pushed("1", "sha256:d", 5));
    answers.put("load", arguments -> List.of(new Images.Loaded("a/b:1", ID)));
    answers.put("importRoot", arguments -> ID);
    Images.ImageView _ = images.pull("docker.io/library/redis", "", Progress.NONE);
    Images.Pushed _ = images.push("a/b:1", Progress.NONE);
    images.tag(ID, "c");
    images.save(List.of("a/b:1"), OutputStream.nullOutputStream());
    List<Images.Loaded> _ = images.load(new ByteArrayInputStream(new byte[0]));
    String _ =
        images.importRoot(
            new ByteArrayInputStream(new byte[0]), new Images.Import("i:1", List.of(), "", ""));
    assertThat(told)
        .containsExactly(
            "image pull redis:latest {name=redis}{k=v}",
            "image push a/b:1 {name=a/b}{}",
            "image tag " + ID + " {name=c:latest}{k=v}",
            "image save " + ID + " {name=" + ID + "}{k=v}",
            "image load " + ID + " {name=" + ID + "}{}",
            "image tag " + ID + " {name=i:1}{}",
            "image import " + ID + " {name=" + ID + "}{}");
  }

  @Test
  void namesThatGoAreToldBeforeTheImage() {
    answers.put(
        "remove",
        arguments ->
            List.of("Untagged: a/b:1", "Untagged: a/b@sha256:d", "Deleted: " + ID, "Deleted: x"));
    answers.put(
        "prune",
        arguments -> new Images.Pruned(List.of("untagged: a/b:1", "deleted: " + ID, "x"), 7));
    List<String> _ = images.remove("a/b:1", false);
    List<String> both =
        List.of(
            "image untag " + ID + " {name=" + ID + "}{k=v}",
            "image delete " + ID + " {name=" + ID + "}{}");
    assertThat(told).containsExactlyElementsOf(both);
    told.clear();
    Images.Pruned _ = images.prune(true);
    assertThat(told).containsExactlyElementsOf(both);
  }

  @Test
  void whatFailsIsNotTold() {
    answers.put(
        "pull",
        arguments -> {
          throw new JcomposeException.NotFound("manifest unknown");
        });
    assertThatThrownBy(() -> images.pull("a", "", Progress.NONE))
        .isInstanceOf(JcomposeException.NotFound.class);
    assertThat(told).isEmpty();
  }

  @Test
  void networksThatComeAndGoAreTold() {
    NetworkSpec spec = NetworkSpec.of("shop").withDriver("macvlan");
    answers.put("create", arguments -> "n".repeat(64));
    answers.put(
        "find", arguments -> Optional.of(new NetworkView("n".repeat(64), spec, Instant.EPOCH)));
    assertThat(networks.create(NetworkSpec.of("own"))).isEqualTo("n".repeat(64));
    networks.remove("shop");
    answers.put("find", arguments -> Optional.empty());
    networks.remove("gone");
    assertThat(told)
        .hasSize(2)
        .first()
        .asString()
        .startsWith("network create nnn")
        .contains("name=own", "type=bridge");
    assertThat(told.getLast())
        .startsWith("network destroy nnn")
        .contains("name=shop", "type=macvlan");
  }
}
