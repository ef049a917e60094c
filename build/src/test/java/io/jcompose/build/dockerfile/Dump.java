package io.jcompose.build.dockerfile;

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
import io.jcompose.build.instruction.Heredoc;
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
import io.jcompose.build.mount.MountFlag;
import io.jcompose.build.mount.RunMount;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A Dockerfile as lines of text: what is as by default is left out, strings are between bars. */
final class Dump {
  private final StringBuilder out = new StringBuilder();

  static String of(Dockerfile file) {
    Dump dump = new Dump();
    Directives directives = file.directives();
    if (!directives.equals(Directives.DEFAULT)) {
      dump.out.append(directives(directives)).append('\n');
    }
    file.metaArgs().forEach(dump::line);
    for (Stage stage : file.stages()) {
      dump.line(stage.from());
      stage.instructions().forEach(dump::line);
    }
    file.warnings()
        .forEach(
            each ->
                dump.out
                    .append("? ")
                    .append(each.place().line())
                    .append(": ")
                    .append(each.message())
                    .append('\n'));
    return dump.out.toString().stripTrailing();
  }

  private static String directives(Directives all) {
    return "escape="
        + all.escape()
        + " syntax="
        + all.syntax()
        + (all.skipAll() ? " skip=all" : " skip=" + all.skip().stream().sorted().toList())
        + " experimental="
        + all.experimental().stream().sorted().toList()
        + " error="
        + all.findingsFail();
  }

  private void line(Instruction each) {
    out.append(each.place().line());
    if (each.place().endLine() != each.place().line()) {
      out.append('-').append(each.place().endLine());
    }
    out.append(' ').append(each.keyword()).append(' ').append(body(each)).append('\n');
  }

  static String body(Instruction each) {
    return switch (each) {
      case From it -> bar(it.image()) + named("platform", it.platform()) + named("as", it.alias());
      case Arg it ->
          it.entries().stream()
              .map(one -> bar(one.name()) + (one.value() == null ? "" : "=" + bar(one.value())))
              .collect(Collectors.joining(" "));
      case Env it -> pairs(it.pairs(), it.legacy());
      case Label it -> pairs(it.pairs(), it.legacy());
      case Run it -> run(it);
      case Cmd it -> command(it.command());
      case Entrypoint it -> command(it.command());
      case Shell it -> bars(it.words());
      case Healthcheck it -> health(it);
      case Onbuild it -> bar(it.trigger());
      case Copy it ->
          transfer(it.transfer()) + named("from", it.from()) + (it.parents() ? " parents" : "");
      case Add it ->
          transfer(it.transfer())
              + (it.keepGitDir() == null ? "" : " keepGitDir=" + it.keepGitDir())
              + named("checksum", it.checksum())
              + (it.unpack() == null ? "" : " unpack=" + it.unpack());
      case Workdir it -> bar(it.path());
      case User it -> bar(it.user());
      case Expose it -> bars(it.ports());
      case Volume it -> bars(it.paths());
      case Stopsignal it -> bar(it.signal());
      case Maintainer it -> bar(it.name());
    };
  }

  private static String run(Run run) {
    String mounts =
        run.mounts().stream().map(each -> " mount=" + mount(each)).collect(Collectors.joining());
    return command(run.command())
        + heredocs(run.heredocs())
        + mounts
        + (run.network() == Run.Network.DEFAULT ? "" : " network=" + run.network())
        + (run.security() == Run.Security.SANDBOX ? "" : " security=" + run.security());
  }

  private static String mount(MountFlag flag) {
    if (flag.hasVariables()) {
      return bar(flag.raw());
    }
    RunMount it = flag.resolve(word -> word);
    List<String> parts = new ArrayList<>();
    parts.add(it.type().name().toLowerCase(Locale.ROOT));
    parts.add(
        named("from", it.from()) + named("source", it.source()) + named("target", it.target()));
    parts.add(named("id", it.id()) + (it.readOnly() ? " ro" : " rw"));
    parts.add(it.sharing() == RunMount.Sharing.SHARED ? "" : " " + it.sharing());
    parts.add(it.sizeBytes() == 0 ? "" : " size=" + it.sizeBytes());
    parts.add(it.mode() == null ? "" : " mode=" + Integer.toOctalString(it.mode()));
    parts.add(it.uid() == null ? "" : " uid=" + it.uid());
    parts.add(it.gid() == null ? "" : " gid=" + it.gid());
    parts.add(named("env", it.env()) + (it.required() ? " required" : ""));
    return "{" + String.join("", parts) + "}";
  }

  private static String health(Healthcheck it) {
    return (it.test() == null ? "none" : command(it.test()))
        + (it.interval().isZero() ? "" : " interval=" + it.interval())
        + (it.timeout().isZero() ? "" : " timeout=" + it.timeout())
        + (it.startPeriod().isZero() ? "" : " start-period=" + it.startPeriod())
        + (it.startInterval().isZero() ? "" : " start-interval=" + it.startInterval())
        + (it.retries() == 0 ? "" : " retries=" + it.retries());
  }

  private static String transfer(Transfer it) {
    return bars(it.sources())
        + " to "
        + bar(it.destination())
        + heredocs(it.files())
        + named("chown", it.chown())
        + named("chmod", it.chmod())
        + (it.link() ? " link" : "")
        + (it.excludes().isEmpty() ? "" : " exclude=" + bars(it.excludes()));
  }

  private static String heredocs(List<Heredoc> all) {
    return all.stream()
        .map(
            it ->
                " <<"
                    + (it.fd() == 0 ? "" : it.fd())
                    + bar(it.name())
                    + (it.expand() ? "" : " raw")
                    + (it.stripTabs() ? " tabs" : "")
                    + bar(it.text()))
        .collect(Collectors.joining());
  }

  private static String command(Command it) {
    return (it.shellForm() ? "sh " : "exec ") + bars(it.words());
  }

  private static String pairs(List<Pair> all, boolean legacy) {
    return all.stream()
            .map(each -> bar(each.key()) + "=" + bar(each.value()))
            .collect(Collectors.joining(" "))
        + (legacy ? " legacy" : "");
  }

  private static String bars(List<String> all) {
    return all.stream().map(Dump::bar).collect(Collectors.joining(" "));
  }

  private static String bar(String text) {
    return "|" + text.replace("\n", "⏎").replace("\r", "␍").replace("\t", "⇥") + "|";
  }

  private static String named(String name, @Nullable String value) {
    return value == null ? "" : " " + name + "=" + bar(value);
  }
}
