package io.jcompose.runtime.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.jcompose.core.JcomposeException;
import io.jcompose.runtime.device.DeviceRule;
import io.jcompose.runtime.plan.CloneFlags;
import io.jcompose.runtime.plan.MountAttributes;
import io.jcompose.runtime.plan.ResourceLimit;
import io.jcompose.runtime.plan.Step;
import io.jcompose.runtime.plan.TaskPlan;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OciConfigTest {
  private static JsonNode config(Step... steps) {
    TaskPlan plan = new TaskPlan().addAll(List.of(steps));
    List<DeviceRule> rules = List.of(new DeviceRule('c', 1, 3, 6));
    return OciConfig.of(plan, Optional.empty(), Path.of("/b/rootfs"), Path.of("/jc/x"), rules);
  }

  @Test
  void aBareTaskHasItsRootAndItsGroup() {
    assertThat(config())
        .hasToString(
            """
            {"process":{"rlimits":[]},\
            "linux":{"namespaces":[],"devices":[],"maskedPaths":[],"readonlyPaths":[],"sysctl":{},\
            "cgroupsPath":"/jc/x","resources":{"devices":[{"allow":false,"access":"rwm"},\
            {"allow":true,"type":"c","major":1,"minor":3,"access":"rw"}]}},\
            "mounts":[],"ociVersion":"1.0.2","root":{"path":"/b/rootfs","readonly":false}}""");
  }

  @Test
  void filesAreMountsNodesAndPaths() {
    int attributes = MountAttributes.RDONLY | MountAttributes.NOSUID;
    JsonNode config =
        config(
            new Step.Fs("cgroup2", "/sys/fs/cgroup", "", attributes, Step.Fs.Target.REAL),
            new Step.Fs("tmpfs", "/t", "size=1m,mode=755", 0, Step.Fs.Target.ANYTHING),
            new Step.Bind("/s", "/t", true, false, 0, Step.Propagation.SLAVE),
            new Step.Bind("/s", "/u", false, true, attributes, Step.Propagation.PRIVATE),
            new Step.Device("/dev/x", 0060640, 8, 1, 0, 6),
            new Step.Mask("/proc/keys", false),
            new Step.Readonly("/proc/sys", false),
            new Step.Readonly("/t", true),
            new Step.FileLabel("u:r:f:s0"),
            Step.Simple.ROOT_READONLY);
    assertThat(config.path("mounts"))
        .hasToString(
            """
            [{"destination":"/sys/fs/cgroup","type":"cgroup","source":"cgroup","options":["ro","nosuid"]},\
            {"destination":"/t","type":"tmpfs","source":"tmpfs","options":["size=1m","mode=755","ro"]},\
            {"destination":"/t","type":"bind","source":"/s","options":["rbind","rslave","ro"]},\
            {"destination":"/u","type":"bind","source":"/s","options":["ro","nosuid","bind","rprivate"]}]""");
    assertThat(config.at("/linux/devices"))
        .hasToString(
            """
            [{"path":"/dev/x","type":"b","major":8,"minor":1,"fileMode":416,"uid":0,"gid":6}]""");
    assertThat(config.at("/linux/maskedPaths")).hasToString("[\"/proc/keys\"]");
    assertThat(config.at("/linux/readonlyPaths")).hasToString("[\"/proc/sys\"]");
    assertThat(config.at("/linux/mountLabel").asText()).isEqualTo("u:r:f:s0");
    assertThat(config.at("/root/readonly").asBoolean()).isTrue();
  }

  @Test
  void theProcessIsAsItsStepsSay() {
    JsonNode config =
        config(
            new Step.Sysctl("net/ipv4/conf/eth0.1/rp_filter", "2"),
            new Step.Hostname("h"),
            new Step.Domainname("d"),
            new Step.OomScore(-5),
            new Step.Rlimit(new ResourceLimit(4, 0, -1, false)),
            new Step.Apparmor("mine"),
            new Step.Attribute("exec", "u:r:t:s0"),
            Step.Simple.NO_NEW_PRIVS,
            new Step.Cwd("/w"),
            new Step.Streams(1000),
            new Step.Caps(1 | 1 << 13, 40),
            new Step.User("joe", 1000, 1000, List.of(1000, 29)),
            new Step.Exec(false, List.of("ls", "-l"), List.of("A=1", "HOME=/home/joe")));
    assertThat(config.path("process"))
        .hasToString(
            """
            {"rlimits":[{"type":"RLIMIT_CORE","soft":0,"hard":18446744073709551615}],\
            "oomScoreAdj":-5,"apparmorProfile":"mine","selinuxLabel":"u:r:t:s0",\
            "noNewPrivileges":true,"cwd":"/w",\
            "capabilities":{"bounding":["CAP_CHOWN","CAP_NET_RAW"],\
            "effective":["CAP_CHOWN","CAP_NET_RAW"],"permitted":["CAP_CHOWN","CAP_NET_RAW"]},\
            "user":{"uid":1000,"gid":1000,"additionalGids":[1000,29]},\
            "args":["ls","-l"],"env":["A=1","HOME=/home/joe"]}""");
    assertThat(config.at("/linux/sysctl"))
        .hasToString("{\"net.ipv4.conf.eth0/1.rp_filter\":\"2\"}");
    assertThat(config.path("hostname").asText()).isEqualTo("h");
    assertThat(config.path("domainname").asText()).isEqualTo("d");
  }

  @Test
  void namespacesAreMadeOrEntered() {
    Step.Task task =
        new Step.Task(
            "x",
            Path.of("/r"),
            Path.of("/e"),
            false,
            false,
            false,
            0,
            CloneFlags.NEWNS | CloneFlags.NEWPID);
    assertThat(
            config(
                    task,
                    new Step.Namespace(CloneFlags.NEWNET, "/run/netns/x"),
                    new Step.Unshare(CloneFlags.NEWCGROUP))
                .at("/linux/namespaces"))
        .hasToString(
            """
            [{"type":"mount"},{"type":"pid"},{"type":"network","path":"/run/netns/x"},{"type":"cgroup"}]""");
  }

  @Test
  void refusesWhatNoOtherRuntimeDoes() {
    for (Step step :
        List.of(new Step.Userns(1, 1, 0, false), new Step.Tty(true, 0, 0), new Step.JoinTask(0))) {
      assertThatThrownBy(() -> config(step)).isInstanceOf(JcomposeException.NotSupported.class);
    }
  }
}
