package io.jcompose.engine;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerSpec.FileSpec;
import io.jcompose.core.ContainerSpec.Health;
import io.jcompose.core.ContainerSpec.Lifecycle;
import io.jcompose.core.ContainerSpec.Logging;
import io.jcompose.core.ContainerSpec.MountSpec;
import io.jcompose.core.ContainerSpec.ProcessSpec;
import io.jcompose.core.ContainerSpec.Security;
import io.jcompose.core.Networking;
import io.jcompose.core.Networking.EndpointSpec;
import io.jcompose.core.Networking.PortSpec;
import io.jcompose.core.Resources;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A container spec in the making: what a test does not set has the engine's defaults. */
public final class TestSpec {
  final String name;
  final String image;
  public List<String> entrypoint;
  List<String> command;
  public List<String> env = List.of();
  public String user = "";
  public String workingDir = "";
  boolean stdin;
  boolean init;
  Security security = Security.DEFAULT;
  public Networking networking = Networking.NONE;
  public final List<MountSpec> mounts = new ArrayList<>();
  public final List<FileSpec> files = new ArrayList<>();
  public Lifecycle lifecycle = Lifecycle.DEFAULT;
  Resources resources = Resources.UNLIMITED;
  public Health health;
  public Logging logging = Logging.DEFAULT;

  public TestSpec(String name, String image) {
    this.name = name;
    this.image = image;
  }

  public TestSpec command(String... words) {
    command = List.of(words);
    return this;
  }

  TestSpec sh(String script) {
    return command("sh", "-c", script);
  }

  /** Puts it on one network. */
  TestSpec on(String network, PortSpec... ports) {
    networking =
        Networking.NONE
            .with()
            .mode("networks")
            .endpoints(List.of(EndpointSpec.of(network, List.of())))
            .ports(List.of(ports))
            .build();
    return this;
  }

  public ContainerSpec build() {
    return new ContainerSpec(
        name,
        image,
        "",
        Map.of("test", "yes"),
        ProcessSpec.DEFAULT
            .with()
            .entrypoint(entrypoint)
            .command(command)
            .env(env)
            .workingDir(workingDir)
            .user(user)
            .stdinOpen(stdin)
            .init(init)
            .build(),
        security,
        networking,
        mounts,
        files,
        resources,
        lifecycle,
        health,
        logging);
  }
}
