package io.jcompose.build.lint;

import io.jcompose.build.dockerfile.Stage;
import io.jcompose.build.ignore.GoPath;
import io.jcompose.build.ignore.IgnoreFile;
import io.jcompose.build.instruction.Add;
import io.jcompose.build.instruction.Arg;
import io.jcompose.build.instruction.Cmd;
import io.jcompose.build.instruction.Command;
import io.jcompose.build.instruction.Copy;
import io.jcompose.build.instruction.Entrypoint;
import io.jcompose.build.instruction.Env;
import io.jcompose.build.instruction.Expose;
import io.jcompose.build.instruction.From;
import io.jcompose.build.instruction.Healthcheck;
import io.jcompose.build.instruction.Instruction;
import io.jcompose.build.instruction.Label;
import io.jcompose.build.instruction.Maintainer;
import io.jcompose.build.instruction.Onbuild;
import io.jcompose.build.instruction.Pair;
import io.jcompose.build.instruction.Run;
import io.jcompose.build.instruction.Shell;
import io.jcompose.build.instruction.Stopsignal;
import io.jcompose.build.instruction.Transfer;
import io.jcompose.build.instruction.User;
import io.jcompose.build.instruction.Volume;
import io.jcompose.build.instruction.Workdir;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Checks the instructions of a stage, one after the other; used once, by one thread. */
final class StageCheck {

  private final Stage stage;
  private final Variables variables;
  private final IgnoreFile ignore;
  private final Map<String, Instruction> last = new HashMap<>();
  private boolean hasShell;
  private boolean hasWorkdir;

  StageCheck(Stage stage, @Nullable StageCheck base, Globals globals, LintInput input) {
    this.stage = stage;
    this.ignore = input.ignore();
    this.variables =
        base == null ? Variables.of(stage, globals, input) : new Variables(base.variables);
    if (base != null) {
      hasShell = base.hasShell;
      hasWorkdir = base.hasWorkdir;
    }
  }

  void check(Findings findings) {
    for (Instruction each : stage.instructions()) {
      check(each, findings);
    }
  }

  private void check(Instruction each, Findings findings) {
    Variables.Uses uses = variables.uses(each, findings);
    switch (each) {
      case Arg it -> arg(it, uses, findings);
      case Env it -> env(it, uses, findings);
      case Label it -> {
        legacy(it.legacy(), it, findings);
        uses.pairs(it.pairs());
      }
      case Cmd it -> command(it, it.command(), findings);
      case Entrypoint it -> command(it, it.command(), findings);
      case Healthcheck it -> once(it, findings);
      case Shell it -> hasShell = true;
      case Workdir it -> workdir(it, uses.expand(it.path()), findings);
      case Expose it -> it.ports().forEach(port -> expose(it, uses.expandQuietly(port), findings));
      case Volume it -> it.paths().forEach(uses::expand);
      case User it -> uses.expand(it.user());
      case Stopsignal it -> uses.expand(it.signal());
      case Copy it -> transfer(it, it.transfer(), it.from() == null, uses, findings);
      case Add it -> transfer(it, it.transfer(), true, uses, findings);
      case Run it -> it.mounts().forEach(mount -> mount.fields().forEach(uses::expandMount));
      case Maintainer it ->
          findings.add(
              Rule.MAINTAINER_DEPRECATED,
              it.place(),
              "Maintainer instruction is deprecated in favor of using label");
      case Onbuild it -> {}
      case From it -> {}
    }
    uses.report();
  }

  private void arg(Arg arg, Variables.Uses uses, Findings findings) {
    for (Arg.Entry entry : arg.entries()) {
      secret("ARG", entry.name(), arg, findings);
      variables.declare(entry.name(), entry.value() == null ? null : uses.expand(entry.value()));
    }
  }

  private void env(Env env, Variables.Uses uses, Findings findings) {
    legacy(env.legacy(), env, findings);
    Map<String, String> values = new HashMap<>();
    for (Pair pair : env.pairs()) {
      String key = uses.expand(pair.key());
      secret("ENV", key, env, findings);
      values.put(key, uses.expand(pair.value()));
    }
    values.forEach(variables::set);
  }

  private static void secret(String keyword, String key, Instruction at, Findings findings) {
    if (SecretNames.isOne(key)) {
      findings.add(
          Rule.SECRETS_USED_IN_ARG_OR_ENV,
          at.place(),
          "Do not use ARG or ENV instructions for sensitive data ("
              + keyword
              + " \""
              + key
              + "\")");
    }
  }

  private static void legacy(boolean legacy, Instruction each, Findings findings) {
    if (legacy) {
      String name = each.keyword();
      findings.add(
          Rule.LEGACY_KEY_VALUE_FORMAT,
          each.place(),
          "\""
              + name
              + " key=value\" should be used instead of legacy \""
              + name
              + " key value\" format");
    }
  }

  private void command(Instruction each, Command command, Findings findings) {
    once(each, findings);
    if (command.shellForm() && !hasShell) {
      findings.add(
          Rule.JSON_ARGS_RECOMMENDED,
          each.place(),
          "JSON arguments recommended for "
              + CasingCheck.keyword(each)
              + " to prevent unintended behavior related to OS signals");
    }
  }

  /** The earlier one is what has no effect. */
  private void once(Instruction each, Findings findings) {
    Instruction earlier = last.put(each.keyword(), each);
    if (earlier != null) {
      findings.add(
          Rule.MULTIPLE_INSTRUCTIONS_DISALLOWED,
          earlier.place(),
          "Multiple "
              + CasingCheck.keyword(each)
              + " instructions should not be used in the same stage because only the last one will"
              + " be used");
    }
  }

  private void workdir(Workdir each, String path, Findings findings) {
    if (!hasWorkdir && !path.startsWith("/") && !(path.isEmpty() && variables.areUnknown())) {
      findings.add(
          Rule.WORKDIR_RELATIVE_PATH,
          each.place(),
          "Relative workdir \""
              + path
              + "\" can have unexpected results if the base image changes");
    }
    hasWorkdir = true;
  }

  private static void expose(Expose each, String words, Findings findings) {
    for (String port : words.split("\\s+")) {
      int slash = port.indexOf('/');
      String protocol = slash < 0 ? "" : port.substring(slash + 1);
      if (!protocol.equals(protocol.toLowerCase(Locale.ROOT))) {
        findings.add(
            Rule.EXPOSE_PROTO_CASING,
            each.place(),
            "Defined protocol '" + port + "' in EXPOSE instruction should be lowercase");
      }
      if (port.indexOf(':') >= 0) {
        findings.add(
            Rule.EXPOSE_INVALID_FORMAT,
            each.place(),
            "EXPOSE instruction should not define an IP address or host-port mapping, found '"
                + port
                + "'");
      }
    }
  }

  private void transfer(
      Instruction each,
      Transfer transfer,
      boolean ofContext,
      Variables.Uses uses,
      Findings findings) {
    List<String> sources = transfer.sources().stream().map(uses::expand).toList();
    uses.expand(transfer.destination());
    uses.expandNullable(transfer.chown());
    uses.expandNullable(transfer.chmod());
    transfer.excludes().forEach(uses::expand);
    for (String source : sources) {
      String path = GoPath.clean("/" + source).substring(1);
      boolean remote = source.contains("://") || source.startsWith("git@");
      if (ofContext && !remote && !path.isEmpty() && ignore.excludes(path)) {
        findings.add(
            Rule.COPY_IGNORED_FILE,
            each.place(),
            "Attempting to "
                + CasingCheck.keyword(each)
                + " file \""
                + source
                + "\" that is excluded by .dockerignore");
      }
    }
  }
}
