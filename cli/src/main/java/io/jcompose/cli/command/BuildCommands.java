package io.jcompose.cli.command;

/** The commands that build images, and those on what builds keep; as {@link ProjectCommands}. */
final class BuildCommands {
  private static final String LEFT_OUT = "Kept for habit, with a warning";
  private static final String CLASSIC = "it is of docker's former builder";

  private BuildCommands() {}

  /** {@code build}: of services; with an option of docker's alone, or a folder, of that. */
  static Command services() {
    Command command =
        new Command("build", "[OPTIONS] [SERVICE...]", "Build or rebuild services")
            .flag("Print what would be built, as JSON", "--print")
            .flag("Build what the services depend on too", "--with-dependencies");
    return shared(docker(command, false));
  }

  /** {@code image build}: of a folder, docker's {@code build}. */
  static Command image(String name) {
    Command command = new Command(name, "[OPTIONS] PATH|URL|-", "Build an image of a Dockerfile");
    return shared(docker(command, true)).arguments(1).atMost(1);
  }

  private static Command shared(Command command) {
    return command
        .list("NAME=VALUE", "Set build-time variables", "--build-arg")
        .flag("Only check the Dockerfile for what is likely wrong", "--check")
        .value("bytes", "Memory limit of each step", "-m", "--memory")
        .flag("When a command fails, open a shell in its container", "--debug-shell")
        .flag("Do not use the cache when building", "--no-cache")
        .value("type", "How progress is shown: auto, tty, plain, json, quiet", "--progress")
        .flag("Ask registries for newer base images", "--pull")
        .flag("Print only the images' ids", "-q", "--quiet")
        .list("default|ID=PATH", "SSH agent or keys that steps can use", "--ssh")
        .flag("Tell of each step that is carried out what changed", "--why")
        .value("name", LEFT_OUT, "--builder")
        .value("attributes", LEFT_OUT, "--provenance")
        .value("attributes", LEFT_OUT, "--sbom")
        .former("--compress", "--force-rm", "--no-rm", "--rm", "--parallel", "--load")
        .flag("Push what was built", "--push");
  }

  /**
   * What docker's command alone has.
   *
   * @param shown whether help tells of it
   */
  private static Command docker(Command command, boolean shown) {
    return command
        .list("NAME=ADDRESS", told(shown, "Add names to /etc/hosts of steps"), "--add-host")
        .list("name", told(shown, "Let steps do network.host or security.insecure"), "--allow")
        .list("NAME=PLACE", told(shown, "Set a named context"), "--build-context")
        .list("place", told(shown, "Take results of steps from there"), "--cache-from")
        .list("place", told(shown, "Bring results of steps there"), "--cache-to")
        .value("path", told(shown, "Name of the Dockerfile; - reads it"), "-f", "--file")
        .value("path", told(shown, "Write the image's id to this file"), "--iidfile")
        .list("KEY=VALUE", told(shown, "Set metadata for the image"), "--label")
        .value("name", told(shown, "Network of steps: none, host or a network"), "--network")
        .list("stage", told(shown, "Do not use the cache for these stages"), "--no-cache-filter")
        .value("os/arch", told(shown, "Platform that is built for"), "--platform")
        .list(
            "id=NAME,…",
            told(shown, "Secret that steps can mount: src=PATH, env=VARIABLE"),
            "--secret")
        .value("bytes", told(shown, "Size of /dev/shm in steps"), "--shm-size")
        .list("NAME[:TAG]", told(shown, "Name the image"), "-t", "--tag")
        .value("stage", told(shown, "Build this stage"), "--target")
        .list("NAME=SOFT[:HARD]", told(shown, "Limits of steps' processes"), "--ulimit")
        .list("attributes", told(shown, LEFT_OUT), "--attest")
        .refused(CLASSIC, "--squash")
        .value("micros", told(shown, "Period of --cpu-quota in steps"), "--cpu-period")
        .value("micros", told(shown, "Processor time of steps in a period"), "--cpu-quota")
        .value("weight", told(shown, "Share of processors in steps"), "-c", "--cpu-shares")
        .value("list", told(shown, "Processors of steps: 0-2,4"), "--cpuset-cpus")
        .value("list", told(shown, "Memory nodes of steps"), "--cpuset-mems")
        .value("bytes", told(shown, "Memory and swap of steps; -1 is any"), "--memory-swap")
        .refusedValue(CLASSIC, "--isolation")
        .refusedValue(CLASSIC, "--security-opt", "--cgroup-parent")
        .value(
            "path", told(shown, "Write facts about what was built to this file"), "--metadata-file")
        .value("what", told(shown, "build (default), or check"), "--call")
        .list(
            "type=TYPE,…",
            told(shown, "Where the result goes: local, tar, oci, docker, image, registry"),
            "-o",
            "--output")
        .list("KEY=VALUE", told(shown, "Annotate the image's manifest"), "--annotation");
  }

  private static String told(boolean shown, String description) {
    return shown ? description : "";
  }

  static Command df(String name) {
    return new Command(name, "[OPTIONS]", "Show what builds keep")
        .value("format", "Format the output: table (default), json or a Go template", "--format")
        .flag("Don't shorten the output", "-v", "--verbose")
        .atMost(0);
  }

  static Command prune(Command command) {
    return command
        .flag("Remove the caches of RUN --mount=type=cache too", "-a", "--all")
        .value("bytes", "Keep this much of the latest used", "--keep-storage");
  }
}
