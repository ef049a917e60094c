package io.jcompose.network.dns;

import io.jcompose.network.address.Ip4;
import io.jcompose.network.address.Ip6;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * A parsed DNS question (RFC 1035, RFC 6891) and the answers that can be made to it. Reads any
 * bytes without failing.
 *
 * @param question the question section as it came
 * @param name lower case, without the final dot
 * @param takes how many bytes the view takes by UDP
 * @param sizeAt where the packet says so, in its OPT record; -1 without one
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record DnsQuery(
    int id, int flags, byte[] question, String name, int type, int takes, int sizeAt) {
  public static final int TYPE_A = 1;
  static final int TYPE_PTR = 12;
  public static final int TYPE_AAAA = 28;
  static final int NOERROR = 0;
  static final int FORMERR = 1;
  static final int SERVFAIL = 2;
  static final int NXDOMAIN = 3;
  static final int NOTIMP = 4;
  static final int REFUSED = 5;

  private static final int TYPE_OPT = 41;
  private static final int HEADER = 12;
  private static final int RECORD_HEADER = 12;
  private static final int PLAIN_UDP = 512;
  private static final int OWN_UDP = 1232;
  private static final int TTL_SECONDS = 2;
  private static final int RESPONSE = 0x8000;
  private static final int TRUNCATED = 0x200;
  private static final int RECURSION_AVAILABLE = 0x80;

  /** Opcode and recursion desired are echoed. */
  private static final int ECHOED = 0x7900;

  /** Empty for what is not a query of one question with a valid name. */
  static Optional<DnsQuery> parse(ByteBuffer packet) {
    ByteBuffer in = packet.slice();
    if (in.remaining() < HEADER + 5) {
      return Optional.empty();
    }
    int id = in.getShort() & 0xffff;
    int flags = in.getShort() & 0xffff;
    int questions = in.getShort();
    int others = in.getShort() + in.getShort();
    int additional = in.getShort();
    if ((flags & RESPONSE) != 0 || questions != 1) {
      return Optional.empty();
    }
    StringBuilder name = new StringBuilder();
    if (!readName(in, name) || in.remaining() < 4) {
      return Optional.empty();
    }
    int type = in.getShort() & 0xffff;
    in.getShort();
    byte[] question = new byte[in.position() - HEADER];
    in.get(HEADER, question);
    int takes = PLAIN_UDP;
    int sizeAt = -1;
    if (others == 0 && additional > 0 && in.remaining() >= 11 && in.get() == 0) {
      if ((in.getShort() & 0xffff) == TYPE_OPT) {
        sizeAt = in.position();
        takes = Math.max(PLAIN_UDP, in.getShort() & 0xffff);
      }
    }
    return Optional.of(
        new DnsQuery(id, flags, question, NameTable.lower(name.toString()), type, takes, sizeAt));
  }

  boolean edns() {
    return sizeAt >= 0;
  }

  /** How long an answer made here may be by UDP. */
  int udpSize() {
    return Math.min(takes, OWN_UDP);
  }

  int opcode() {
    return flags >> 11 & 15;
  }

  /** An answer without records. */
  byte[] empty(int code) {
    return answer(code, 0, ByteBuffer.allocate(0), 0);
  }

  /** Says that the answer is too long for UDP. */
  byte[] truncated() {
    return answer(NOERROR, 0, ByteBuffer.allocate(0), TRUNCATED);
  }

  /**
   * An answer that is to this very question: a name that differs in case only is the same (RFC
   * 5452, 9.1).
   */
  boolean isSameQuestion(ByteBuffer answer) {
    if (answer.getShort(4) != 1 || answer.limit() < HEADER + question.length) {
      return false;
    }
    int name = question.length - 4;
    for (int i = 0; i < question.length; i++) {
      byte own = question[i];
      byte other = answer.get(HEADER + i);
      if (own != other && (i >= name || lower(own) != lower(other))) {
        return false;
      }
    }
    return true;
  }

  /** Addresses of the family that was asked for, in the given order. */
  byte[] addresses(List<byte[]> addresses, int limit) {
    if (addresses.isEmpty()) {
      return empty(NOERROR);
    }
    int length = addresses.getFirst().length;
    int room = limit - HEADER - question.length - (edns() ? 11 : 0);
    int count = Math.min(addresses.size(), Math.max(0, room / (RECORD_HEADER + length)));
    ByteBuffer records = ByteBuffer.allocate(count * (RECORD_HEADER + length));
    for (byte[] address : addresses.subList(0, count)) {
      record(records, type, length).put(address);
    }
    return answer(NOERROR, count, records, count < addresses.size() ? TRUNCATED : 0);
  }

  /** A name, for a reverse question. */
  byte[] pointer(String target) {
    ByteBuffer data = ByteBuffer.allocate(target.length() * 4 + 2);
    for (String label : target.split("\\.")) {
      byte[] bytes = label.getBytes(StandardCharsets.UTF_8);
      if (bytes.length == 0 || bytes.length > 63) {
        return empty(NOERROR);
      }
      data.put((byte) bytes.length).put(bytes);
    }
    data.put((byte) 0).flip();
    ByteBuffer records = ByteBuffer.allocate(12 + data.remaining());
    record(records, TYPE_PTR, data.remaining()).put(data);
    return answer(NOERROR, 1, records, 0);
  }

  /** The address in {@code d.c.b.a.in-addr.arpa}. */
  Optional<Integer> reverseAddress() {
    String suffix = ".in-addr.arpa";
    if (type != TYPE_PTR || !name.endsWith(suffix)) {
      return Optional.empty();
    }
    List<String> parts =
        List.of(name.substring(0, name.length() - suffix.length()).split("\\.")).reversed();
    String address = String.join(".", parts);
    return Ip4.isAddress(address) ? Optional.of(Ip4.parse(address)) : Optional.empty();
  }

  /** The address whose nibbles stand before {@code ip6.arpa}. */
  Optional<Ip6> reverseAddress6() {
    String suffix = ".ip6.arpa";
    String digits = name.replace(".", "");
    if (type != TYPE_PTR
        || !name.endsWith(suffix)
        || name.length() != 63 + suffix.length()
        || !name.matches("([0-9a-f]\\.){32}ip6\\.arpa")) {
      return Optional.empty();
    }
    String hex = new StringBuilder(digits.substring(0, 32)).reverse().toString();
    return Optional.of(Ip6.of(HexFormat.of().parseHex(hex)));
  }

  private static ByteBuffer record(ByteBuffer records, int type, int length) {
    return records
        .putShort((short) (0xc000 | HEADER))
        .putShort((short) type)
        .putShort((short) 1)
        .putInt(TTL_SECONDS)
        .putShort((short) length);
  }

  private byte[] answer(int code, int count, ByteBuffer records, int truncated) {
    records.flip();
    ByteBuffer out =
        ByteBuffer.allocate(HEADER + question.length + records.remaining() + (edns() ? 11 : 0));
    out.putShort((short) id);
    out.putShort((short) (RESPONSE | (flags & ECHOED) | RECURSION_AVAILABLE | truncated | code));
    out.putShort((short) 1).putShort((short) count).putShort((short) 0);
    out.putShort((short) (edns() ? 1 : 0));
    out.put(question).put(records);
    if (edns()) {
      out.put((byte) 0).putShort((short) TYPE_OPT).putShort((short) OWN_UDP).putInt(0);
      out.putShort((short) 0);
    }
    return out.array();
  }

  private static int lower(byte letter) {
    return letter >= 'A' && letter <= 'Z' ? letter + ('a' - 'A') : letter;
  }

  /** Labels without compression, which a question has no use for. */
  private static boolean readName(ByteBuffer in, StringBuilder name) {
    int total = 0;
    while (in.hasRemaining()) {
      int length = in.get() & 0xff;
      if (length == 0) {
        return true;
      }
      total += length + 1;
      if (length > 63 || total > 254 || in.remaining() < length) {
        return false;
      }
      byte[] label = new byte[length];
      in.get(label);
      if (!name.isEmpty()) {
        name.append('.');
      }
      name.append(new String(label, StandardCharsets.ISO_8859_1));
    }
    return false;
  }
}
