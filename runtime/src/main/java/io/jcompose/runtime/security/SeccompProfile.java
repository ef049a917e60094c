package io.jcompose.runtime.security;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jcompose.core.ContainerSpec.Security;
import io.jcompose.core.JcomposeException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which system calls a container may make: a profile in Docker's JSON form, or Docker's default
 * one, with what does not hold for this machine and the container's capabilities left out.
 * Immutable. Semantics as moby's {@code seccomp_linux.go} and runc's {@code libcontainer/seccomp}.
 *
 * @param otherwise what follows for a call that no rule is about
 * @param architectures libseccomp's words for those whose calls the rules are for, beside the
 *     machine's own; a call of another one ends the process
 */
public record SeccompProfile(Action otherwise, List<Rule> rules, Set<String> architectures) {
  static final int EPERM = 1;
  private static final int ENOSYS = 38;
  private static final long CLONE_NEW_FLAGS = 0x7e020000L;
  private static final ObjectMapper JSON = new ObjectMapper();

  /** What the kernel does: the value that a filter returns, linux/seccomp.h. */
  record Action(int verdict) {
    static final Action ALLOW = new Action(0x7fff0000);

    static Action errno(int number) {
      return new Action(0x00050000 | (number & 0xffff));
    }

    /** True when a call goes on. */
    boolean lets() {
      return verdict == ALLOW.verdict || verdict == 0x7ffc0000;
    }
  }

  /** Comparisons of a 64-bit argument, unsigned. */
  enum Comparison {
    NE,
    LT,
    LE,
    EQ,
    GE,
    GT,
    MASKED_EQ
  }

  /**
   * A test of an argument.
   *
   * @param value to compare with; the mask of MASKED_EQ
   * @param second what the masked argument must be; else unused
   */
  record Condition(int argument, Comparison comparison, long value, long second) {}

  /** Calls with one action, when all conditions hold. */
  record Rule(List<String> names, Action action, List<Condition> conditions) {
    Rule {
      names = List.copyOf(names);
      conditions = List.copyOf(conditions);
    }
  }

  public SeccompProfile {
    rules = List.copyOf(rules);
    architectures = Set.copyOf(architectures);
  }

  /** The calls that a container may make; empty is unconfined. */
  public static Optional<SeccompProfile> of(Security security) {
    long caps = Capabilities.resolve(security.capAdd(), security.capDrop(), security.privileged());
    Optional<String> wanted = wanted(security);
    return wanted.map(json -> json.isEmpty() ? standard(caps) : parse(json, caps));
  }

  /** The profile that a container asks for, an empty string for Docker's; none is unconfined. */
  static Optional<String> wanted(Security security) {
    String profile = SecurityOptions.parse(security.securityOpt()).seccomp().orElse("");
    return security.privileged() || profile.equals(SecurityOptions.UNCONFINED)
        ? Optional.empty()
        : Optional.of(profile);
  }

  /** A profile in Docker's JSON form, read for this machine. */
  static SeccompProfile parse(String json, long capabilities) {
    return parse(json, capabilities, Architecture.current().goName, kernel());
  }

  private static int[] kernel() {
    try {
      String[] parts =
          Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip().split("[^0-9]+", 3);
      return new int[] {Integer.parseInt(parts[0]), Integer.parseInt(parts[1])};
    } catch (IOException e) {
      throw new UncheckedIOException("failed to read the kernel's version", e);
    }
  }

  /** Docker's default profile for a container with the capabilities. */
  static SeccompProfile standard(long capabilities) {
    List<Rule> rules = new ArrayList<>();
    Architecture.lines(
        "seccomp-default.txt",
        line -> {
          List<String> fields = List.of(line.split(" "));
          if (fields.getFirst().equals("always")
              || Capabilities.has(capabilities, fields.getFirst())) {
            rules.add(new Rule(fields.subList(1, fields.size()), Action.ALLOW, List.of()));
          }
        });
    for (long persona : new long[] {0, 8, 0x20000, 0x20008, 0xffffffffL}) {
      rules.add(argument("personality", Comparison.EQ, persona));
    }
    // All families but AF_ALG (38) and AF_VSOCK (40).
    rules.add(argument("socket", Comparison.LT, 38));
    rules.add(argument("socket", Comparison.EQ, 39));
    rules.add(argument("socket", Comparison.GT, 40));
    if (!Capabilities.has(capabilities, "CAP_SYS_ADMIN")) {
      rules.add(
          new Rule(
              List.of("clone"),
              Action.ALLOW,
              List.of(new Condition(0, Comparison.MASKED_EQ, CLONE_NEW_FLAGS, 0))));
      // Its flags are behind a pointer; ENOSYS makes libc fall back to clone.
      rules.add(new Rule(List.of("clone3"), Action.errno(ENOSYS), List.of()));
    }
    return new SeccompProfile(Action.errno(EPERM), rules, Set.of(Architecture.I386.word));
  }

  private static Rule argument(String name, Comparison comparison, long value) {
    return new Rule(List.of(name), Action.ALLOW, List.of(new Condition(0, comparison, value, 0)));
  }

  /**
   * Reads a profile.
   *
   * @param kernel major and minor version of the running kernel
   * @throws JcomposeException.InvalidArgument when it is none
   */
  static SeccompProfile parse(String json, long capabilities, String goArch, int[] kernel) {
    JsonNode root;
    try {
      root = JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw invalid(e.getOriginalMessage());
    }
    if (!root.isObject() || !root.path("defaultAction").isTextual()) {
      throw invalid("defaultAction is missing");
    }
    if (!root.path("architectures").isEmpty() && !root.path("archMap").isEmpty()) {
      throw invalid("use either 'architectures' or 'archMap'");
    }
    if (root.hasNonNull("listenerPath")) {
      throw new JcomposeException.NotSupported("seccomp profile with listenerPath");
    }
    for (JsonNode flag : root.path("flags")) {
      if (!Set.of("SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_SPEC_ALLOW")
          .contains(flag.asText())) {
        throw new JcomposeException.NotSupported("seccomp profile with flag " + flag.asText());
      }
    }
    Action otherwise = action(root.path("defaultAction").asText(), root.path("defaultErrnoRet"));
    List<Rule> rules = new ArrayList<>();
    for (JsonNode call : root.path("syscalls")) {
      if (holds(call, capabilities, goArch, kernel)) {
        addRules(call, otherwise, rules);
      }
    }
    return new SeccompProfile(otherwise, rules, architectures(root));
  }

  /** As moby: the list, or what the map has for this machine. */
  private static Set<String> architectures(JsonNode root) {
    Set<String> all = texts(root.path("architectures"));
    for (JsonNode entry : root.path("archMap")) {
      if (entry.path("architecture").asText().equals(Architecture.current().word)) {
        all.addAll(texts(entry.path("subArchitectures")));
      }
    }
    return all;
  }

  /** Whose calls are let through to the rules: the machine's, and what it runs and is asked for. */
  List<Architecture> arches(Architecture nativeArch) {
    boolean also =
        nativeArch == Architecture.X86_64 && architectures.contains(Architecture.I386.word);
    return also ? List.of(nativeArch, Architecture.I386) : List.of(nativeArch);
  }

  /** The profile in the OCI runtime specification's words, for this machine. */
  public ObjectNode toOci() {
    ObjectNode profile = JSON.createObjectNode();
    action(profile, "defaultAction", "defaultErrnoRet", otherwise);
    arches(Architecture.current())
        .forEach(arch -> profile.withArray("architectures").add(arch.word));
    for (Rule rule : rules) {
      ObjectNode call = profile.withArray("syscalls").addObject();
      rule.names.forEach(call.putArray("names")::add);
      action(call, "action", "errnoRet", rule.action);
      for (Condition condition : rule.conditions) {
        call.withArray("args")
            .addObject()
            .put("index", condition.argument)
            .put("op", "SCMP_CMP_" + condition.comparison)
            .put("value", new BigInteger(Long.toUnsignedString(condition.value)))
            .put("valueTwo", new BigInteger(Long.toUnsignedString(condition.second)));
      }
    }
    return profile;
  }

  private static void action(ObjectNode at, String name, String errno, Action action) {
    int data = action.verdict & 0xffff;
    switch (action.verdict & 0xffff0000) {
      case 0x7fff0000 -> at.put(name, "SCMP_ACT_ALLOW");
      case 0x00050000 -> at.put(name, "SCMP_ACT_ERRNO").put(errno, data);
      case 0x80000000 -> at.put(name, "SCMP_ACT_KILL_PROCESS");
      case 0x00030000 -> at.put(name, "SCMP_ACT_TRAP");
      case 0x7ff00000 -> at.put(name, "SCMP_ACT_TRACE").put(errno, data);
      case 0x7ffc0000 -> at.put(name, "SCMP_ACT_LOG");
      default -> at.put(name, "SCMP_ACT_KILL_THREAD");
    }
  }

  private static JcomposeException.InvalidArgument invalid(String why) {
    return new JcomposeException.InvalidArgument("decoding seccomp profile failed: " + why);
  }

  private static boolean holds(JsonNode call, long capabilities, String arch, int[] kernel) {
    JsonNode without = call.path("excludes");
    JsonNode with = call.path("includes");
    Set<String> notArches = texts(without.path("arches"));
    Set<String> arches = texts(with.path("arches"));
    boolean excluded =
        notArches.contains(arch)
            || texts(without.path("caps")).stream().anyMatch(c -> has(capabilities, c))
            || (without.hasNonNull("minKernel") && atLeast(kernel, without.path("minKernel")));
    return !excluded
        && (arches.isEmpty() || arches.contains(arch))
        && texts(with.path("caps")).stream().allMatch(c -> has(capabilities, c))
        && (!with.hasNonNull("minKernel") || atLeast(kernel, with.path("minKernel")));
  }

  private static boolean has(long capabilities, String name) {
    return Capabilities.isKnown(name) && Capabilities.has(capabilities, name);
  }

  private static boolean atLeast(int[] kernel, JsonNode wanted) {
    String[] parts = wanted.asText().split("\\.");
    try {
      int major = Integer.parseInt(parts[0]);
      int minor = parts.length > 1 ? Integer.parseInt(parts[1]) : 0;
      return kernel[0] > major || (kernel[0] == major && kernel[1] >= minor);
    } catch (NumberFormatException e) {
      throw invalid("minKernel " + wanted.asText());
    }
  }

  private static Set<String> texts(JsonNode array) {
    Set<String> all = new HashSet<>();
    array.forEach(text -> all.add(text.asText()));
    return all;
  }

  private static void addRules(JsonNode call, Action otherwise, List<Rule> rules) {
    List<String> names = new ArrayList<>(texts(call.path("names")));
    if (call.hasNonNull("name")) {
      if (!names.isEmpty()) {
        throw invalid("use either 'name' or 'names'");
      }
      names.add(call.path("name").asText());
    }
    Action action = action(call.path("action").asText(), call.path("errnoRet"));
    if (action.equals(otherwise)) {
      return; // as runc: what says the same as the default is no rule
    }
    List<Condition> conditions = new ArrayList<>();
    Set<Integer> arguments = new HashSet<>();
    for (JsonNode arg : call.path("args")) {
      Condition condition = condition(arg);
      conditions.add(condition);
      arguments.add(condition.argument);
    }
    if (arguments.size() == conditions.size()) {
      rules.add(new Rule(names, action, conditions));
    } else { // as runc: several tests of one argument are alternatives
      conditions.forEach(one -> rules.add(new Rule(names, action, List.of(one))));
    }
  }

  private static Condition condition(JsonNode arg) {
    String op = arg.path("op").asText();
    int index = arg.path("index").asInt(-1);
    if (index < 0 || index > 5 || !op.startsWith("SCMP_CMP_")) {
      throw invalid("argument " + arg);
    }
    try {
      return new Condition(
          index,
          Comparison.valueOf(op.substring("SCMP_CMP_".length())),
          arg.path("value").bigIntegerValue().longValue(),
          arg.path("valueTwo").bigIntegerValue().longValue());
    } catch (IllegalArgumentException e) {
      throw invalid("argument " + arg);
    }
  }

  private static Action action(String name, JsonNode errno) {
    int number = errno.asInt(EPERM);
    return switch (name) {
      case "SCMP_ACT_ALLOW" -> Action.ALLOW;
      case "SCMP_ACT_ERRNO" -> Action.errno(number);
      case "SCMP_ACT_KILL", "SCMP_ACT_KILL_THREAD" -> new Action(0);
      case "SCMP_ACT_KILL_PROCESS" -> new Action(0x80000000);
      case "SCMP_ACT_TRAP" -> new Action(0x00030000);
      case "SCMP_ACT_TRACE" -> new Action(0x7ff00000 | (number & 0xffff));
      case "SCMP_ACT_LOG" -> new Action(0x7ffc0000);
      case "SCMP_ACT_NOTIFY" ->
          throw new JcomposeException.NotSupported("seccomp profile with SCMP_ACT_NOTIFY");
      default -> throw invalid("action \"" + name + "\"");
    };
  }
}
