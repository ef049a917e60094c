package io.jcompose.runtime.plan;

import static io.jcompose.runtime.plan.Argument.AT_FDCWD;
import static io.jcompose.runtime.plan.Argument.NULL;
import static io.jcompose.runtime.plan.Argument.flags;
import static io.jcompose.runtime.plan.Argument.number;
import static io.jcompose.runtime.plan.Argument.register;
import static io.jcompose.runtime.plan.Argument.text;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import jnr.constants.platform.Errno;

/**
 * A container's root: its layers and one of its own, put together.
 * Documentation/filesystems/overlayfs.
 */
final class OverlaySteps {
  private static final int LONGEST = 250; // fsconfig takes 255 bytes
  private static final int PAGE = 4096;

  /** Above all that is open by then, but for binds' sources. */
  private static final int FIRST_NUMBER = 512;

  private final Calls calls;
  private final String label;
  private final int firstNumber;
  private int numbers;

  /**
   * @param sources how many more descriptors are open
   */
  OverlaySteps(Calls calls, String label, int sources) {
    this.calls = calls;
    this.label = label;
    this.firstNumber = FIRST_NUMBER + sources;
  }

  void overlay(Step.Overlay s) {
    boolean asAnother = s.user() != 0 || s.group() != 0;
    if (asAnother) {
      // The kernel writes to the upper directory as who mounts; where its ids are mapped, that must
      // be one of the map.
      calls.call(
          "prctl",
          "securebits",
          Syscall.PRCTL,
          flags(Flag.PR_SET_SECUREBITS),
          flags(Flag.SECBIT_NO_SETUID_FIXUP));
      become(s.user(), s.group());
    }
    if (s.layerByLayer()) {
      byLayer(s);
    } else {
      byMount(s);
    }
    if (asAnother) {
      become(0, 0);
    }
  }

  private void become(int user, int group) {
    calls.call("setfsgid", "", Syscall.SETFSGID, number(group));
    calls.call("setfsuid", "", Syscall.SETFSUID, number(user));
  }

  private void byLayer(Step.Overlay s) {
    String what = "mount overlay with upper";
    String upper = s.upper().toString();
    int fs = calls.free();
    calls.call(what, upper, Syscall.FSOPEN, text("overlay"), flags(Flag.FSOPEN_CLOEXEC)).into(fs);
    for (Path layer : s.lower()) {
      set("overlay layer", layer.toString(), fs, "lowerdir+", layer);
    }
    configure(what, upper, fs, Flag.FSCONFIG_SET_STRING, text("source"), text("overlay"));
    set("overlay upper", upper, fs, "upperdir", s.upper());
    set("overlay upper", upper, fs, "workdir", s.work());
    if (!label.isEmpty()) {
      configure(what, upper, fs, Flag.FSCONFIG_SET_STRING, text("context"), text(label));
    }
    configure(what, upper, fs, Flag.FSCONFIG_CMD_CREATE, NULL, NULL);
    String at = s.at().toString();
    calls
        .call(
            "attach overlay on",
            at,
            Syscall.FSMOUNT,
            register(fs),
            flags(Flag.FSMOUNT_CLOEXEC),
            number(0))
        .into(Calls.ROOT);
    calls.call(
        "attach overlay on",
        at,
        Syscall.MOVE_MOUNT,
        register(Calls.ROOT),
        text(""),
        AT_FDCWD,
        text(at),
        flags(Flag.MOVE_MOUNT_F_EMPTY_PATH));
  }

  private void set(String what, String subject, int fs, String key, Path path) {
    String value = path.toString();
    boolean fits = value.getBytes(StandardCharsets.UTF_8).length <= LONGEST;
    String name = fits ? value : shortName(what, subject, path);
    configure(what, subject, fs, Flag.FSCONFIG_SET_STRING, text(key), text(name));
  }

  private void configure(
      String what, String subject, int fs, Flag command, Field key, Field value) {
    calls.call(what, subject, Syscall.FSCONFIG, register(fs), flags(command), key, value, NULL);
  }

  /** By a descriptor whose number is known before. */
  private String shortName(String what, String subject, Path path) {
    int file = calls.open(what, path.toString(), Flag.O_PATH, Flag.O_CLOEXEC);
    int number = firstNumber + numbers;
    calls
        .call(what, subject, Syscall.DUP3, register(file), number(number), flags(Flag.O_CLOEXEC))
        .into(Calls.LAYERS + numbers++);
    return "/proc/self/fd/" + number;
  }

  /**
   * Before Linux 6.7 layers cannot be given one by one: then by mount(2), through short names that
   * fit its one page.
   */
  private void byMount(Step.Overlay s) {
    String what = "mount overlay with upper";
    String upper = s.upper().toString();
    StringBuilder data = new StringBuilder("lowerdir=");
    for (Path layer : s.lower()) {
      data.append(data.length() > 9 ? ":" : "").append(shortName(what, upper, layer));
    }
    data.append(",upperdir=").append(shortName(what, upper, s.upper()));
    data.append(",workdir=").append(shortName(what, upper, s.work()));
    if (!label.isEmpty()) {
      data.append(",context=\"").append(label).append('"');
    }
    if (data.length() >= PAGE) {
      calls.check(what, upper, 0, 0, 1, Errno.E2BIG);
    }
    String at = s.at().toString();
    calls.call(
        what,
        upper,
        Syscall.MOUNT,
        text("overlay"),
        text(at),
        text("overlay"),
        number(0),
        text(data.toString()));
    calls
        .call(what, upper, Syscall.OPENAT, AT_FDCWD, text(at), flags(Flag.O_PATH, Flag.O_CLOEXEC))
        .into(Calls.ROOT);
  }
}
