package io.jcompose.runtime.device;

import io.jcompose.core.JcomposeException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A permission to use device nodes, as in a cgroup v1 {@code devices.allow} file. Immutable.
 *
 * @param type b, c, or a for both
 * @param major -1 is any
 * @param minor -1 is any
 * @param access bits of {@link #MKNOD}, {@link #READ} and {@link #WRITE}
 */
public record DeviceRule(char type, int major, int minor, int access) {
  static final int MKNOD = 1; // BPF_DEVCG_ACC_MKNOD and its likes, linux/bpf.h
  static final int READ = 2;
  static final int WRITE = 4;
  static final int ALL = MKNOD | READ | WRITE;

  private static final Pattern FORM =
      Pattern.compile("([acb]) ([0-9]{1,9}|\\*):([0-9]{1,9}|\\*) ([rwm]{1,3})");

  /** Docker's list, with what runc adds to it. */
  public static final List<DeviceRule> STANDARD =
      List.of(
          parse("c *:* m"),
          parse("b *:* m"),
          parse("c 1:3 rwm"),
          parse("c 1:5 rwm"),
          parse("c 1:7 rwm"),
          parse("c 1:8 rwm"),
          parse("c 1:9 rwm"),
          parse("c 5:0 rwm"),
          parse("c 5:1 rwm"),
          parse("c 5:2 rwm"),
          parse("c 136:* rwm"),
          parse("c 10:200 rwm"));

  /** Everything, for privileged containers. */
  public static final List<DeviceRule> EVERYTHING = List.of(new DeviceRule('a', -1, -1, ALL));

  /** Reads a rule as Docker takes it: {@code c 1:3 rwm}. */
  static DeviceRule parse(String text) {
    Matcher m = FORM.matcher(text);
    if (!m.matches()) {
      throw new JcomposeException.InvalidArgument(
          "invalid device cgroup rule format: '" + text + "'");
    }
    return new DeviceRule(
        m.group(1).charAt(0), number(m.group(2)), number(m.group(3)), accessOf(m.group(4)));
  }

  private static int number(String text) {
    return text.equals("*") ? -1 : Integer.parseInt(text);
  }

  /** Access bits of letters r, w and m. */
  static int accessOf(String letters) {
    return (letters.contains("r") ? READ : 0)
        | (letters.contains("w") ? WRITE : 0)
        | (letters.contains("m") ? MKNOD : 0);
  }

  /**
   * The rules with those of equal device made one, for the kernel asks for all of an access at
   * once.
   */
  static List<DeviceRule> merge(List<DeviceRule> rules) {
    Map<DeviceRule, Integer> byDevice = new LinkedHashMap<>();
    for (DeviceRule rule : rules) {
      byDevice.merge(
          new DeviceRule(rule.type, rule.major, rule.minor, 0), rule.access, (a, b) -> a | b);
    }
    List<DeviceRule> merged = new ArrayList<>();
    byDevice.forEach(
        (device, access) ->
            merged.add(new DeviceRule(device.type, device.major, device.minor, access)));
    return List.copyOf(merged);
  }

  /** As a v1 file takes it; everything is {@code a}. */
  @Override
  public String toString() {
    if (type == 'a' && major < 0 && minor < 0 && access == ALL) {
      return "a";
    }
    return type
        + " "
        + (major < 0 ? "*" : Integer.toString(major))
        + ":"
        + (minor < 0 ? "*" : Integer.toString(minor))
        + " "
        + letters();
  }

  /** What it allows, as some of r, w and m. */
  public String letters() {
    return ((access & READ) != 0 ? "r" : "")
        + ((access & WRITE) != 0 ? "w" : "")
        + ((access & MKNOD) != 0 ? "m" : "");
  }
}
