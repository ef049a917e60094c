package io.jcompose.build.instruction;

import io.jcompose.build.mount.MountFlag;
import java.util.List;

/**
 * {@code RUN}.
 *
 * @param command without the bodies of {@code heredocs}, which its line names by {@code <<}
 * @param mounts in their order in the file
 */
public record Run(
    Place place,
    String text,
    Command command,
    List<Heredoc> heredocs,
    List<MountFlag> mounts,
    Network network,
    Security security)
    implements Instruction {
  public Run {
    heredocs = List.copyOf(heredocs);
    mounts = List.copyOf(mounts);
  }

  /** Whether all of the command is one here-document, which then is a script. */
  public boolean isScript() {
    return heredocs.size() == 1 && command.shellForm() && Heredoc.mark(command.line()) != null;
  }

  /** What the command has of the network. */
  public enum Network {
    DEFAULT,
    NONE,
    HOST
  }

  /** What holds the command. */
  public enum Security {
    SANDBOX,
    INSECURE
  }
}
