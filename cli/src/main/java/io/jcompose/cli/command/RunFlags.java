package io.jcompose.cli.command;

/** The flags of docker's {@code run} and {@code create}; as {@link DockerModels}. */
final class RunFlags {
  private static final String WINDOWS = "it is for containers of Windows";
  private static final String GONE = "Linux has it no more";

  private RunFlags() {}

  /** {@code container run} or {@code container create}, without its title. */
  static Command of(String name) {
    boolean runs = name.equals("container run");
    Command command =
        new Command(
            name,
            "[OPTIONS] IMAGE [COMMAND] [ARG...]",
            runs ? "Create a container of an image and run it" : "Create a container of an image");
    if (runs) {
      command
          .flag("Run it in the background and print its id", "-d", "--detach")
          .value("keys", "Keys that detach (default ctrl-p,ctrl-q)", "--detach-keys")
          .flag("Pass signals on to the program (default true)", "--sig-proxy");
    }
    general(command);
    health(command);
    network(command);
    storage(command);
    rights(command);
    limits(command);
    devices(command);
    return command.arguments(1).stopAtArguments();
  }

  private static void general(Command command) {
    command
        .list("KEY=VALUE", "Add an annotation", "--annotation")
        .list("stream", "Join only stdin, stdout or stderr with the caller's", "-a", "--attach")
        .value("file", "Write the container's id to this file", "--cidfile")
        .value("program", "Override the entrypoint of the image", "--entrypoint")
        .list("KEY=VALUE", "Set environment variables", "-e", "--env")
        .list("file", "Set environment variables from files", "--env-file")
        .list("group", "Further groups of the program", "--group-add")
        .flag("Run an init that passes signals on and reaps processes", "--init")
        .flag("Keep standard input open", "-i", "--interactive")
        .list("KEY=VALUE", "Set metadata for the container", "-l", "--label")
        .list("file", "Set metadata from files, a line each", "--label-file")
        .value("driver", "Where output is kept: json-file, local, none …", "--log-driver")
        .list("KEY=VALUE", "Options of the log driver", "--log-opt")
        .value("name", "Name of the container", "--name")
        .value("os/arch", "Platform, where the image has several", "--platform")
        .value("policy", "Pull the image before: always, missing (default), never", "--pull")
        .flag("Pull without printing progress", "-q", "--quiet")
        .value("policy", "no, always, unless-stopped, on-failure[:times]", "--restart")
        .flag("Remove the container and its anonymous volumes when it ends", "--rm")
        .value("runtime", "Runtime: there is one", "--runtime")
        .value("signal", "Signal that stops the container", "--stop-signal")
        .value("seconds", "Time before a stopped container is killed", "--stop-timeout")
        .flag("Give the program a terminal", "-t", "--tty")
        .value("user", "Run as this user: NAME|ID[:GROUP|ID]", "-u", "--user")
        .value("path", "Working directory", "-w", "--workdir")
        .former("--disable-content-trust");
  }

  private static void health(Command command) {
    command
        .value("command", "Command that checks health", "--health-cmd")
        .value("duration", "Time between two checks", "--health-interval")
        .value("n", "Failures in a row that make it unhealthy", "--health-retries")
        .value("duration", "Time between two checks at the start", "--health-start-interval")
        .value(
            "duration", "Time at the start in which failures do not count", "--health-start-period")
        .value("duration", "Time that a check may take", "--health-timeout")
        .flag("Do not check health", "--no-healthcheck");
  }

  private static void network(Command command) {
    command
        .list("NAME:ADDRESS", "Add a name to /etc/hosts", "--add-host")
        .list("address", "DNS servers", "--dns")
        .list("option", "Options of the resolver", "--dns-opt", "--dns-option")
        .list("domain", "Domains that names are looked for in", "--dns-search")
        .value("name", "Domain of the host name", "--domainname")
        .list("port", "Expose a port, or several: 80-90/tcp", "--expose")
        .value("name", "Host name", "-h", "--hostname")
        .value("address", "IPv4 address in the network", "--ip")
        .value("address", "IPv6 address in the network", "--ip6")
        .list("NAME[:ALIAS]", "Let the container reach another one by a name", "--link")
        .list("address", "Link-local addresses", "--link-local-ip")
        .value("address", "MAC address", "--mac-address")
        .list("network", "Join a network: NAME, or name=NAME,alias=…,ip=…", "--net", "--network")
        .list("name", "Names in the network", "--net-alias", "--network-alias")
        .list("port", "Publish ports: [[ADDRESS:]PORT:]PORT[/PROTOCOL]", "-p", "--publish")
        .flag("Publish all exposed ports at free ports of the host", "-P", "--publish-all");
  }

  private static void storage(Command command) {
    command
        .list("type=TYPE,…", "Mount a bind, volume or tmpfs in the long form", "--mount")
        .flag("The container's own files are read-only", "--read-only")
        .value("bytes", "Size of /dev/shm", "--shm-size")
        .list("KEY=VALUE", "Options of the container's own files: size", "--storage-opt")
        .list("PATH[:OPTIONS]", "Mount a file system in memory", "--tmpfs")
        .list("SOURCE:TARGET", "Mount a folder or a volume", "-v", "--volume")
        .value("driver", "Driver of the volumes: local", "--volume-driver")
        .list("container", "Mount what another container has mounted", "--volumes-from")
        .refused("mount the engine's socket by -v", "--use-api-socket");
  }

  private static void rights(Command command) {
    command
        .list("capability", "Add Linux capabilities", "--cap-add")
        .list("capability", "Drop Linux capabilities", "--cap-drop")
        .value("host|private", "Namespace of control groups", "--cgroupns")
        .value("mode", "Namespace of IPC: private, shareable, host, container:NAME", "--ipc")
        .value("mode", "Namespace of processes: host, container:NAME", "--pid")
        .flag("Give all rights", "--privileged")
        .list("option", "no-new-privileges, seccomp=FILE, apparmor=…, label=…", "--security-opt")
        .list("KEY=VALUE", "Set parameters of the kernel", "--sysctl")
        .value("host", "Namespace of users", "--userns")
        .value("host", "Namespace of the host name", "--uts")
        .refusedValue(WINDOWS, "--cpu-count", "--cpu-percent", "--io-maxbandwidth", "--io-maxiops")
        .refusedValue(GONE, "--kernel-memory")
        .value("default", "How it is kept apart: default", "--isolation");
  }

  private static void limits(Command command) {
    command
        .value("weight", "Share of block devices, 10 to 1000", "--blkio-weight")
        .value("group", "Control group that the container's is made in", "--cgroup-parent")
        .flag("Do not kill the program for want of memory", "--oom-kill-disable")
        .value("n", "Who is killed first for want of memory, -1000 to 1000", "--oom-score-adj")
        .list("NAME=SOFT[:HARD]", "Limits of processes", "--ulimit");
    processorsAndMemory(command);
    command
        .value("micros", "Processor time of real-time processes", "--cpu-rt-runtime")
        .value("micros", "Period of --cpu-rt-runtime", "--cpu-rt-period")
        .value("0-100", "How soon memory is swapped", "--memory-swappiness");
  }

  /** Those that {@code update} has, too. */
  static Command processorsAndMemory(Command command) {
    return command
        .value("micros", "Period of --cpu-quota", "--cpu-period")
        .value("micros", "Processor time in a period", "--cpu-quota")
        .value("weight", "Share of processors", "-c", "--cpu-shares")
        .value("n", "Processors: 1.5", "--cpus")
        .value("list", "Processors: 0-2,4", "--cpuset-cpus")
        .value("list", "Memory nodes", "--cpuset-mems")
        .value("bytes", "Memory limit", "-m", "--memory")
        .value("bytes", "Memory that is left to it for want of memory", "--memory-reservation")
        .value("bytes", "Memory and swap; -1 is any", "--memory-swap")
        .value("n", "Most processes; -1 is any", "--pids-limit");
  }

  private static void devices(Command command) {
    command
        .list("DEVICE:WEIGHT", "Share of a block device", "--blkio-weight-device")
        .list("DEVICE[:PATH[:rwm]]", "Add a device of the host", "--device")
        .list("rule", "Add a rule of devices: c 1:3 mr", "--device-cgroup-rule")
        .list("DEVICE:BYTES", "Most bytes read in a second", "--device-read-bps")
        .list("DEVICE:N", "Most reads in a second", "--device-read-iops")
        .list("DEVICE:BYTES", "Most bytes written in a second", "--device-write-bps")
        .list("DEVICE:N", "Most writes in a second", "--device-write-iops")
        .value("devices", "Add GPUs: all, a number, device=…", "--gpus");
  }
}
