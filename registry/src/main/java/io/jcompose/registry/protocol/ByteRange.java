package io.jcompose.registry.protocol;

import io.jcompose.registry.answer.ErrorCode;
import io.jcompose.registry.answer.Refusal;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A part of a blob, {@code Range} of RFC 9110 section 14; of several parts at once none is given,
 * as a server may.
 *
 * @param first byte
 * @param last byte, too
 */
record ByteRange(long first, long last) {
  private static final Pattern RANGE = Pattern.compile("bytes=(\\d{0,18})-(\\d{0,18})");

  long length() {
    return last - first + 1;
  }

  String contentRange(long size) {
    return "bytes " + first + "-" + last + "/" + size;
  }

  /**
   * The part of a blob that a header asks for; empty for the whole.
   *
   * @throws Refusal 416 when the blob has no such part
   */
  static Optional<ByteRange> of(Optional<String> header, long size) {
    Matcher matcher = RANGE.matcher(header.orElse("").strip());
    if (!matcher.matches() || (matcher.group(1).isEmpty() && matcher.group(2).isEmpty())) {
      return Optional.empty();
    }
    long first;
    long last = size - 1;
    if (matcher.group(1).isEmpty()) {
      first = Math.max(0, size - Long.parseLong(matcher.group(2)));
    } else {
      first = Long.parseLong(matcher.group(1));
      if (!matcher.group(2).isEmpty()) {
        long wanted = Long.parseLong(matcher.group(2));
        if (wanted < first) {
          return Optional.empty(); // no range at all, and to be ignored
        }
        last = Math.min(last, wanted);
      }
    }
    if (first > last) {
      throw new Refusal(
          ErrorCode.RANGE_INVALID,
          416,
          "the blob has " + size + " bytes",
          Map.of("Content-Range", "bytes */" + size),
          null);
    }
    return Optional.of(new ByteRange(first, last));
  }

  /** Where a chunk of an upload begins and ends, {@code Content-Range: 0-99}; empty for neither. */
  static Optional<ByteRange> ofChunk(String header) {
    Matcher matcher =
        Pattern.compile("(?:bytes )?(\\d{1,18})-(\\d{1,18})(?:/.*)?").matcher(header.strip());
    if (!matcher.matches()) {
      return Optional.empty();
    }
    long first = Long.parseLong(matcher.group(1));
    long last = Long.parseLong(matcher.group(2));
    return last < first ? Optional.empty() : Optional.of(new ByteRange(first, last));
  }
}
