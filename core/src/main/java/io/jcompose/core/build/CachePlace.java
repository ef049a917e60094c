package io.jcompose.core.build;

import io.jcompose.core.ImageReference;
import io.jcompose.core.JcomposeException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Where results of steps come from, or go to, outside of this engine. Immutable.
 *
 * @param place an image's name, or an absolute folder of the engine's host; empty for the image
 *     itself
 * @param isWhole the results of all steps, and not only of those whose layers the image has
 * @param isTolerant what goes wrong with it is a warning
 * @param packing how layers are packed that go there
 */
public record CachePlace(
    Type type, String place, boolean isWhole, boolean isTolerant, Packing packing) {
  private static final String IS_CACHE = "the cache ";

  /** What kind of place it is. */
  public enum Type {
    REGISTRY,
    LOCAL,
    INLINE
  }

  /**
   * One to take results from: {@code IMAGE}, {@code type=registry,ref=IMAGE} or {@code
   * type=local,src=FOLDER}.
   *
   * @param folder that relative folders are meant from
   * @throws JcomposeException.InvalidArgument for what cannot be meant
   * @throws JcomposeException.NotSupported for attributes and types of others, by name
   */
  public static CachePlace from(String text, Path folder) {
    Map<String, String> words = words(text);
    CachePlace place = of(text, words, "src", folder, false);
    requireNothing(text, words);
    return place;
  }

  /**
   * One that results go to: {@code type=inline}, {@code IMAGE}, {@code type=registry,ref=IMAGE} or
   * {@code type=local,dest=FOLDER}, with {@code mode=min} or {@code max}.
   *
   * @throws JcomposeException.InvalidArgument as {@link #from}
   */
  public static CachePlace to(String text, Path folder) {
    Map<String, String> words = words(text);
    String mode = words.getOrDefault("mode", "min");
    words.remove("mode");
    if (!mode.equals("min") && !mode.equals("max")) {
      throw new JcomposeException.InvalidArgument(IS_CACHE + text + ": mode is min or max");
    }
    boolean tolerant = isTrue(text, words, "ignore-error", false);
    boolean ours =
        isTrue(text, words, "image-manifest", true) && isTrue(text, words, "oci-mediatypes", true);
    if (!ours) {
      throw new JcomposeException.NotSupported(
          IS_CACHE + text + ": it has an image's manifest of OCI's types, and no other");
    }
    Map<String, String> packed = new LinkedHashMap<>(words);
    packed.keySet().removeIf(key -> !key.contains("compression"));
    words.keySet().removeAll(packed.keySet());
    CachePlace place = of(text, words, "dest", folder, true);
    requireNothing(text, words);
    return new CachePlace(
        place.type, place.place, mode.equals("max"), tolerant, Packing.of(packed));
  }

  private static Map<String, String> words(String text) {
    Map<String, String> words = new LinkedHashMap<>();
    if (!text.contains("=")) {
      words.put("type", "registry");
      words.put("ref", text);
      return words;
    }
    for (String field : text.split(",", -1)) {
      int equals = field.indexOf('=');
      if (equals < 1) {
        throw new JcomposeException.InvalidArgument(
            IS_CACHE + text + ": write an image's name, or type=TYPE,KEY=VALUE");
      }
      words.put(field.substring(0, equals).strip(), field.substring(equals + 1).strip());
    }
    return words;
  }

  private static boolean isTrue(
      String text, Map<String, String> words, String key, boolean otherwise) {
    String value = words.remove(key);
    if (value != null && !value.equals("true") && !value.equals("false")) {
      throw new JcomposeException.InvalidArgument(
          IS_CACHE + text + ": " + key + " is true or false");
    }
    return value == null ? otherwise : value.equals("true");
  }

  private static CachePlace of(
      String text, Map<String, String> words, String folderKey, Path folder, boolean isTarget) {
    String type = words.getOrDefault("type", "");
    words.remove("type");
    String place = words.remove(type.equals("local") ? folderKey : "ref");
    if (type.equals("inline") && isTarget) {
      return new CachePlace(Type.INLINE, "", false, false, Packing.DEFAULT);
    }
    if (!type.equals("registry") && !type.equals("local")) {
      throw new JcomposeException.NotSupported(
          IS_CACHE
              + text
              + ": its type is not carried out: registry, local "
              + (isTarget ? "and inline are" : "and a plain image are"));
    }
    if (place == null || place.isEmpty()) {
      throw new JcomposeException.InvalidArgument(
          IS_CACHE + text + ": " + (type.equals("local") ? folderKey : "ref") + " is missing");
    }
    return type.equals("local")
        ? new CachePlace(
            Type.LOCAL, folder.resolve(place).normalize().toString(), false, false, Packing.DEFAULT)
        : new CachePlace(
            Type.REGISTRY, ImageReference.parse(place).toString(), false, false, Packing.DEFAULT);
  }

  private static void requireNothing(String text, Map<String, String> words) {
    if (!words.isEmpty()) {
      throw new JcomposeException.NotSupported(
          IS_CACHE
              + text
              + ": the attribute "
              + words.keySet().iterator().next()
              + " is not carried out");
    }
  }

  /** As messages call it. */
  public String told() {
    return type == Type.INLINE ? "the image" : place;
  }

  /** As docker's options have it. */
  public String text(boolean isTarget) {
    String mode = isTarget && isWhole ? ",mode=max" : "";
    return switch (type) {
      case INLINE -> "type=inline";
      case REGISTRY -> "type=registry,ref=" + place + mode;
      case LOCAL -> "type=local," + (isTarget ? "dest=" : "src=") + place + mode;
    };
  }
}
