package io.jcompose.cli.flags;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import java.util.regex.Pattern;

/** {@code --device}, {@code --gpus}, and what block devices may do. Stateless. */
final class Devices {
  /** A name of the Container Device Interface: {@code vendor.org/class=name}. */
  private static final Pattern INTERFACE =
      Pattern.compile("[A-Za-z][\\w.-]*/[A-Za-z][\\w-]*=[\\w.:-]+");

  private static final Pattern MODE = Pattern.compile("[rwm]{1,3}");

  private Devices() {}

  static List<Map<String, Object>> nodes(Flags flags) {
    List<Map<String, Object>> nodes = new ArrayList<>();
    for (String text : flags.all("device")) {
      if (!INTERFACE.matcher(text).matches()) {
        nodes.add(node(text));
      }
    }
    return nodes;
  }

  private static Map<String, Object> node(String text) {
    String[] parts = text.split(":", -1);
    if (parts.length > 3) {
      throw InvalidFlag.conflict("bad format for path: " + text);
    }
    boolean isMode = parts.length == 2 && MODE.matcher(parts[1]).matches();
    String mode = parts.length == 3 ? parts[2] : isMode ? parts[1] : "rwm";
    String inside = parts.length == 1 || isMode ? parts[0] : parts[1];
    if (!MODE.matcher(mode).matches()) {
      throw InvalidFlag.conflict("bad mode specified: " + mode);
    }
    if (!inside.startsWith("/")) {
      throw InvalidFlag.conflict(inside + " is not an absolute path");
    }
    Map<String, Object> node = new LinkedHashMap<>();
    node.put("PathOnHost", parts[0]);
    node.put("PathInContainer", inside);
    node.put("CgroupPermissions", mode);
    return node;
  }

  /** Devices by their kind: of {@code --gpus}, and those that {@code --device} names so. */
  static List<Map<String, Object>> requests(Flags flags) {
    List<Map<String, Object>> requests = new ArrayList<>();
    if (flags.isGiven("gpus")) {
      requests.add(flags.parsed("gpus", Devices::gpus));
    }
    List<String> named =
        flags.all("device").stream().filter(text -> INTERFACE.matcher(text).matches()).toList();
    if (!named.isEmpty()) {
      requests.add(Map.of("Driver", "cdi", "DeviceIDs", named));
    }
    return requests;
  }

  private static Map<String, Object> gpus(String text) {
    Map<String, Object> request = new LinkedHashMap<>();
    List<String> capabilities = new ArrayList<>();
    for (String field : CommaFields.of(text)) {
      int equals = field.indexOf('=');
      String name = equals < 0 ? "count" : field.substring(0, equals);
      String value = field.substring(equals + 1);
      switch (name) {
        case "count" -> request.put("Count", value.equals("all") ? -1 : count(value));
        case "driver" -> request.put("Driver", value);
        case "device" -> request.put("DeviceIDs", List.of(value.split(",", -1)));
        case "capabilities" -> capabilities.addAll(List.of(value.split(",", -1)));
        case "options" -> request.put("Options", NamedTexts.pairs(List.of(value.split(",", -1))));
        default ->
            throw new IllegalArgumentException("unexpected key '" + name + "' in '" + field + "'");
      }
    }
    if (!capabilities.contains("gpu")) {
      capabilities.add("gpu");
    }
    if (!request.containsKey("Count") && !request.containsKey("DeviceIDs")) {
      request.put("Count", 1);
    }
    request.put("Capabilities", List.of(capabilities));
    return request;
  }

  private static long count(String text) {
    try {
      return Quantity.whole(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "invalid count ("
              + text
              + "): value must be either \"all\" or an integer: "
              + e.getMessage(),
          e);
    }
  }

  /** {@code /dev/sda:1mb}: so many bytes a second. */
  static List<Map<String, Object>> bytes(Flags flags, String name) {
    return rates(
        flags,
        name,
        "rate",
        "Rate",
        "<device-path>:<number>[<unit>]. Number must be a positive integer. Unit is optional and"
            + " can be kb, mb, or gb",
        Quantity::bytes);
  }

  /** {@code /dev/sda:100}: so many operations a second. */
  static List<Map<String, Object>> operations(Flags flags, String name) {
    return rates(
        flags,
        name,
        "rate",
        "Rate",
        "<device-path>:<number>. Number must be a positive integer",
        Quantity::whole);
  }

  static List<Map<String, Object>> weights(Flags flags) {
    return rates(flags, "blkio-weight-device", "weight", "Weight", "", Quantity::whole);
  }

  private static List<Map<String, Object>> rates(
      Flags flags,
      String name,
      String word,
      String member,
      String form,
      ToLongFunction<String> read) {
    return flags.parsedAll(
        name,
        text -> {
          int colon = text.indexOf(':');
          if (colon < 0) {
            throw new IllegalArgumentException("bad format: " + text);
          }
          if (!text.startsWith("/dev/")) {
            throw new IllegalArgumentException("bad format for device path: " + text);
          }
          Map<String, Object> rate = new LinkedHashMap<>();
          rate.put("Path", text.substring(0, colon));
          rate.put(member, positive(text.substring(colon + 1), text, word, form, read));
          return rate;
        });
  }

  private static long positive(
      String value, String text, String word, String form, ToLongFunction<String> read) {
    try {
      long number = read.applyAsLong(value);
      if (number >= 0) {
        return number;
      }
    } catch (IllegalArgumentException e) {
      // told below, with the form that is wanted
    }
    throw new IllegalArgumentException(
        "invalid "
            + word
            + " for device: "
            + text
            + (form.isEmpty() ? "" : ". The correct format is " + form));
  }
}
