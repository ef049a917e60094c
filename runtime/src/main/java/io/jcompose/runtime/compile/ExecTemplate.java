package io.jcompose.runtime.compile;

import io.jcompose.core.Containers.ExecSpec;
import io.jcompose.core.JcomposeException;
import io.jcompose.runtime.plan.CloneFlags;
import io.jcompose.runtime.plan.ExecWords;
import io.jcompose.runtime.plan.OlderExec;
import io.jcompose.runtime.plan.ResourceLimit;
import io.jcompose.runtime.plan.Step;
import io.jcompose.runtime.plan.TaskPlan;
import io.jcompose.runtime.security.Capabilities;
import io.jcompose.runtime.user.ProcessUser;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a further program in a task needs to know of it. It lies in the bundle for an engine that
 * adopts the task; older shims keep it themselves. Immutable.
 *
 * @param joinFlags namespaces to enter, as CLONE_NEW… bits
 * @param rootUser the host's id of the task's user 0, and so the group; used when a user namespace
 *     is joined
 * @param appArmor the profile that confines it, or empty
 * @param label SELinux's label of its programs, or empty
 * @param seccomp empty is unconfined
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record ExecTemplate(
    List<String> env,
    String cwd,
    String user,
    List<String> groupAdd,
    long capabilities,
    boolean noNewPrivs,
    byte[] seccomp,
    List<ResourceLimit> limits,
    int joinFlags,
    int oomScoreAdj,
    int rootUser,
    int rootGroup,
    String appArmor,
    String label) {

  /** 1 was that of shims that enter the pid namespace themselves: older engines refuse this. */
  private static final int VERSION = 2;

  public ExecTemplate {
    env = List.copyOf(env);
    groupAdd = List.copyOf(groupAdd);
    limits = List.copyOf(limits);
  }

  /** How a program's streams are, which goes before its plan in the frame for an older shim. */
  public static byte[] olderRequest(ExecSpec spec, byte[] plan) {
    return ByteBuffer.allocate(8 + plan.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(spec.tty() ? 1 : 0)
        .putInt(spec.stdin() ? 1 : 0)
        .put(plan)
        .array();
  }

  /** How a program's streams are, and what ends with it: the argument of the frame. */
  public static int flagsOf(ExecSpec spec) {
    return TaskPlan.execFlags(spec.tty(), spec.stdin(), spec.wholeTree());
  }

  /** Whom a program runs as: {@code user[:group]}, as the container's files have it. */
  public String userOf(ExecSpec spec) {
    return spec.user().isEmpty() ? user : spec.user();
  }

  /**
   * The plan of a program.
   *
   * @param as {@link #userOf}, looked up
   * @param entersPids whether the shim leaves the pid namespace to the plan, which enters it last:
   *     who may trace there would else trace what has all rights on the host still
   */
  public TaskPlan execPlan(ExecSpec spec, ProcessUser as, boolean entersPids) {
    TaskPlan plan = new TaskPlan();
    plan.add(new Step.OomScore(oomScoreAdj));
    raiseLimits(plan);
    int joined = joinFlags & ~CloneFlags.NEWUSER;
    plan.add(new Step.JoinTask(entersPids ? joined | CloneFlags.NEWPID : joined));
    plan.add(Step.Simple.SYNC);
    ExecTemplate rights = spec.privileged() ? privileged() : this;
    rights.addLabels(plan);
    if (joinsUsers()) {
      plan.add(new Step.Userns(rootUser, rootGroup, 0, true));
    }
    if (spec.tty()) {
      plan.add(new Step.Tty(false, spec.rows(), spec.columns()));
    }
    plan.add(Step.Simple.KEYRING); // the engine's own is for nobody in a container
    rights.addProcess(plan, cwdOf(spec), userOf(spec), as, entersPids);
    List<String> environment = withDefault(environmentOf(spec), "HOME", as.home());
    plan.add(new Step.Exec(false, spec.command(), environment));
    return plan;
  }

  /** The same for a shim of an older engine. */
  public byte[] olderExecPlan(ExecSpec spec) {
    OlderExec plan = new OlderExec().oomScore(oomScoreAdj);
    if (joinsUsers()) {
      limits.stream().filter(limit -> !limit.atMost()).forEach(plan::raise);
    }
    plan.joinTask(joinFlags & ~CloneFlags.NEWUSER).sync();
    if (joinsUsers()) {
      plan.users(rootUser, rootGroup);
    }
    if (spec.tty()) {
      plan.terminal(spec.rows(), spec.columns());
    }
    (spec.privileged() ? privileged() : this).addProcess(plan, cwdOf(spec), userOf(spec));
    ExecWords.check(spec.command(), environmentOf(spec));
    return plan.exec(spec.command(), environmentOf(spec));
  }

  private String cwdOf(ExecSpec spec) {
    return spec.workingDir().isEmpty() ? cwd : spec.workingDir();
  }

  private List<String> environmentOf(ExecSpec spec) {
    List<String> environment = merge(env, spec.env());
    return spec.tty() ? withDefault(environment, "TERM", "xterm") : environment;
  }

  /** With all that the machine has, and nothing that confines; as Docker's. */
  private ExecTemplate privileged() {
    return new ExecTemplate(
        env,
        cwd,
        user,
        groupAdd,
        Capabilities.resolve(List.of(), List.of(), true),
        noNewPrivs,
        new byte[0],
        limits,
        joinFlags,
        oomScoreAdj,
        rootUser,
        rootGroup,
        "",
        label);
  }

  private boolean joinsUsers() {
    return (joinFlags & CloneFlags.NEWUSER) != 0;
  }

  /** Inside of a user namespace no process may raise its hard limits. */
  void raiseLimits(TaskPlan plan) {
    if (joinsUsers()) {
      HostLimits here = HostLimits.here();
      for (ResourceLimit limit : limits) {
        here.raised(limit).ifPresent(raised -> plan.add(new Step.Rlimit(raised)));
      }
    }
  }

  /**
   * What security modules keep for the program, said while the process is the host's: by a procfs
   * of its own pid namespace, which no user namespace below may make.
   */
  void addLabels(TaskPlan plan) {
    if (!appArmor.isEmpty()) {
      plan.add(new Step.Apparmor(appArmor));
    }
    if (!label.isEmpty()) {
      plan.add(new Step.Attribute("exec", label));
    }
  }

  /** The steps that make the process what it has to be, in their order of need for privilege. */
  void addProcess(
      TaskPlan plan, String workingDir, String name, ProcessUser as, boolean entersPids) {
    plan.add(new Step.Streams(as.uid())); // closes what a limit of open files may not allow
    limits.forEach(limit -> plan.add(new Step.Rlimit(limit)));
    if (noNewPrivs) {
      plan.add(Step.Simple.NO_NEW_PRIVS);
    } else if (seccomp.length > 0) {
      plan.add(new Step.Seccomp(seccomp)); // needs a privilege that goes with the next steps
    }
    plan.add(new Step.Cwd(workingDir));
    plan.add(new Step.Caps(capabilities, Capabilities.last()));
    plan.add(new Step.User(name, as.uid(), as.gid(), as.groups()));
    if (noNewPrivs && seccomp.length > 0) {
      plan.add(new Step.Seccomp(seccomp));
    }
    if (entersPids) {
      plan.add(Step.Simple.GO_ON);
    }
  }

  private void addProcess(OlderExec plan, String workingDir, String asUser) {
    limits.forEach(plan::limit);
    if (!appArmor.isEmpty()) {
      plan.appArmor(appArmor);
    }
    if (!label.isEmpty()) {
      plan.label(label);
    }
    if (noNewPrivs) {
      plan.noNewPrivileges();
    } else if (seccomp.length > 0) {
      plan.seccomp(seccomp);
    }
    int colon = asUser.indexOf(':');
    String group = colon < 0 ? "" : asUser.substring(colon + 1);
    plan.cwd(workingDir)
        .capabilities(capabilities)
        .user(colon < 0 ? asUser : asUser.substring(0, colon), group, groupAdd);
    if (noNewPrivs && seccomp.length > 0) {
      plan.seccomp(seccomp);
    }
  }

  /** One list of variables; later values win, a name without a value is removed. */
  static List<String> merge(List<String> base, List<String> over) {
    if (over.isEmpty()) {
      return base;
    }
    Map<String, String> all = new LinkedHashMap<>();
    for (String variable : base) {
      all.put(nameOf(variable), variable);
    }
    for (String variable : over) {
      if (variable.indexOf('=') < 0) {
        all.remove(variable);
      } else {
        all.put(nameOf(variable), variable);
      }
    }
    return List.copyOf(all.values());
  }

  static List<String> withDefault(List<String> env, String name, String value) {
    for (String variable : env) {
      if (nameOf(variable).equals(name)) {
        return env;
      }
    }
    List<String> more = new ArrayList<>(env);
    more.add(name + "=" + value);
    return more;
  }

  private static String nameOf(String variable) {
    int equals = variable.indexOf('=');
    return equals < 0 ? variable : variable.substring(0, equals);
  }

  public byte[] encode() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(2048);
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeInt(VERSION);
      writeTexts(out, env);
      out.writeUTF(cwd);
      out.writeUTF(user);
      writeTexts(out, groupAdd);
      out.writeLong(capabilities);
      out.writeBoolean(noNewPrivs);
      out.writeInt(seccomp.length);
      out.write(seccomp);
      out.writeInt(limits.size());
      for (ResourceLimit limit : limits) {
        out.writeInt(limit.resource());
        out.writeLong(limit.soft());
        out.writeLong(limit.hard());
        out.writeBoolean(limit.atMost());
      }
      out.writeInt(joinFlags);
      out.writeInt(oomScoreAdj);
      // older engines end here
      out.writeInt(rootUser);
      out.writeInt(rootGroup);
      out.writeUTF(appArmor);
      // and some here
      out.writeUTF(label);
    } catch (IOException e) {
      throw new UncheckedIOException("failed to encode an exec template", e);
    }
    return bytes.toByteArray();
  }

  public static ExecTemplate decode(byte[] bytes) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      int version = in.readInt();
      if (version < 1 || version > VERSION) {
        throw new JcomposeException.Corrupt("exec template of version " + version);
      }
      List<String> env = readTexts(in);
      String cwd = in.readUTF();
      String user = in.readUTF();
      List<String> groups = readTexts(in);
      long capabilities = in.readLong();
      boolean noNewPrivs = in.readBoolean();
      byte[] seccomp = in.readNBytes(in.readInt());
      List<ResourceLimit> limits = new ArrayList<>();
      for (int i = in.readInt(); i > 0; i--) {
        limits.add(new ResourceLimit(in.readInt(), in.readLong(), in.readLong(), in.readBoolean()));
      }
      int joinFlags = in.readInt();
      int oomScoreAdj = in.readInt();
      boolean more = in.available() > 0;
      return new ExecTemplate(
          env,
          cwd,
          user,
          groups,
          capabilities,
          noNewPrivs,
          seccomp,
          limits,
          joinFlags,
          oomScoreAdj,
          more ? in.readInt() : 0,
          more ? in.readInt() : 0,
          more ? in.readUTF() : "",
          in.available() > 0 ? in.readUTF() : "");
    } catch (IOException | IllegalArgumentException e) {
      throw new JcomposeException.Corrupt("exec template of " + bytes.length + " bytes", e);
    }
  }

  private static void writeTexts(DataOutputStream out, List<String> texts) throws IOException {
    out.writeInt(texts.size());
    for (String text : texts) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      out.writeInt(bytes.length);
      out.write(bytes);
    }
  }

  private static List<String> readTexts(DataInputStream in) throws IOException {
    List<String> texts = new ArrayList<>();
    for (int i = in.readInt(); i > 0; i--) {
      texts.add(new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8));
    }
    return List.copyOf(texts);
  }
}
