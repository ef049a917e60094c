package io.jcompose.network.nft;

import io.jcompose.linux.netlink.NetlinkBatch;
import io.jcompose.linux.netlink.NetlinkMessage;
import io.jcompose.network.address.Ip4;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * One atomic change of nftables in nfnetlink's layout (linux/netfilter/nf_tables.h): all of it
 * takes effect, or nothing.
 */
public final class NftBatch {
  public static final int SUBSYSTEM = 10;
  public static final int MSG_NEWTABLE = 0;
  static final int MSG_DELTABLE = 2;
  static final int MSG_NEWCHAIN = 3;
  static final int MSG_GETCHAIN = 4;
  static final int MSG_DELCHAIN = 5;
  static final int MSG_NEWRULE = 6;
  public static final int MSG_DELRULE = 8;
  static final int MSG_DELSETELEM = 14;
  public static final int INET = 1;
  public static final int IP = 2;
  public static final int IP6 = 10;

  private static final int BATCH_BEGIN = 0x10;
  private static final int BATCH_END = 0x11;
  private static final int MSG_GETRULE = 7;
  private static final int MSG_NEWSETELEM = 12;
  private static final int MSG_GETGEN = 16;
  private static final int LIST_ELEM = 1;
  private static final int GOTO = -4;
  private static final int ACCEPT = 1;
  private static final int META_MARK = 3;
  private static final int IFNAME_BYTES = 16;
  private static final int UDP = 17;
  private static final int REG_1 = 1;
  private static final int REG_2 = 2;

  private final NetlinkBatch batch = new NetlinkBatch();
  private boolean empty = true;

  public NftBatch() {
    batch.begin(BATCH_BEGIN, 0, "change the firewall");
    generic(0, SUBSYSTEM).end();
  }

  public boolean isEmpty() {
    return empty;
  }

  /** The finished batch; call once. */
  public NetlinkBatch finish() {
    if (!empty) {
      batch.ackLast();
    }
    batch.begin(BATCH_END, 0, "change the firewall");
    return generic(0, SUBSYSTEM).end();
  }

  /** Asks for every chain of every family. */
  static NetlinkBatch dumpChains() {
    NetlinkBatch get = new NetlinkBatch();
    get.begin(SUBSYSTEM << 8 | MSG_GETCHAIN, NetlinkBatch.DUMP, "list chains");
    return get.u8(0).u8(0).be16(0).end();
  }

  /** Asks for the number of the last change of any table. */
  static NetlinkBatch generation() {
    NetlinkBatch get = new NetlinkBatch();
    get.begin(SUBSYSTEM << 8 | MSG_GETGEN, 0, "number of the last change");
    return get.u8(0).u8(0).be16(0).end();
  }

  /** Asks for rules; family 0, an empty table and an empty chain mean all. */
  static NetlinkBatch dumpRules(int family, String table, String chain) {
    NetlinkBatch get = new NetlinkBatch();
    get.begin(SUBSYSTEM << 8 | MSG_GETRULE, NetlinkBatch.DUMP, "list rules of " + table);
    get.u8(family).u8(0).be16(0);
    if (!table.isEmpty()) {
      get.attr(1, table);
    }
    if (!chain.isEmpty()) {
      get.attr(2, chain);
    }
    return get.end();
  }

  public void add(String table, Element element) {
    begin(MSG_NEWSETELEM, NetlinkBatch.CREATE, INET, "add to " + element.describe());
    element(table, element);
  }

  public void delete(String table, Element element) {
    begin(MSG_DELSETELEM, 0, INET, "delete from " + element.describe());
    element(table, element);
  }

  /** Empties a set. */
  public void flush(String table, String set) {
    begin(MSG_DELSETELEM, 0, INET, "flush set " + set);
    batch.attr(1, table).attr(2, set).end();
  }

  public void table(int family, String table) {
    begin(MSG_NEWTABLE, NetlinkBatch.CREATE, family, "add table " + table);
    batch.attr(1, table).end();
  }

  public void deleteTable(int family, String table) {
    begin(MSG_DELTABLE, 0, family, "delete table " + table);
    batch.attr(1, table).end();
  }

  public void natChain(int family, String table, String chain, int hook, int priority) {
    begin(MSG_NEWCHAIN, NetlinkBatch.CREATE, family, "add chain " + chain);
    batch.attr(1, table).attr(3, chain);
    int nest = batch.nest(4);
    batch.attrBe32(1, hook).attrBe32(2, priority).endNest(nest);
    batch.attr(7, "nat").end();
  }

  /** {@code ip daddr FROM PROTOCOL dport PORT dnat to TO:TOPORT}. */
  public void dnatRule(
      String table, String chain, int protocol, int from, int port, int to, int toPort) {
    begin(MSG_NEWRULE, NetlinkBatch.CREATE | NetlinkBatch.APPEND, IP, "add rule to " + chain);
    batch.attr(1, table).attr(2, chain);
    int rule = batch.nest(4);
    expression("meta", () -> batch.attrBe32(1, REG_1).attrBe32(2, 16));
    equal(new byte[] {(byte) protocol});
    payload(1, 16, 4);
    equal(Ip4.bytes(from));
    payload(2, 2, 2);
    equal(be16(port));
    immediate(REG_1, Ip4.bytes(to));
    immediate(REG_2, be16(toPort));
    expression(
        "nat", () -> batch.attrBe32(1, 1).attrBe32(2, IP).attrBe32(3, REG_1).attrBe32(5, REG_2));
    batch.endNest(rule).end();
  }

  /**
   * At the head of a chain: {@code meta mark & MARK == MARK counter accept}, in the form that
   * iptables-nft makes and reads.
   */
  public void acceptMarked(int family, String table, String chain, int mark, String comment) {
    begin(MSG_NEWRULE, NetlinkBatch.CREATE, family, "insert rule into " + table + " " + chain);
    batch.attr(1, table).attr(2, chain);
    int rule = batch.nest(4);
    byte[] bits = ByteBuffer.allocate(4).order(ByteOrder.nativeOrder()).putInt(mark).array();
    expression("meta", () -> batch.attrBe32(1, REG_1).attrBe32(2, META_MARK));
    expression(
        "bitwise",
        () -> {
          batch.attrBe32(1, REG_1).attrBe32(2, REG_1).attrBe32(3, 4);
          data(4, bits);
          data(5, new byte[4]);
        });
    equal(bits);
    expression("counter", () -> {});
    expression(
        "immediate",
        () -> {
          batch.attrBe32(1, 0);
          int nest = batch.nest(2);
          int verdict = batch.nest(2);
          batch.attrBe32(1, ACCEPT).endNest(verdict).endNest(nest);
        });
    batch.endNest(rule);
    batch.attr(7, comment(comment)).end();
  }

  /** A rule at the end of a chain that does nothing and says something. */
  public void commentRule(String table, String chain, String comment) {
    begin(MSG_NEWRULE, NetlinkBatch.CREATE | NetlinkBatch.APPEND, INET, "add rule to " + chain);
    batch.attr(1, table).attr(2, chain).attr(7, comment(comment)).end();
  }

  public void deleteRule(int family, String table, String chain, long handle) {
    begin(MSG_DELRULE, 0, family, "delete rule from " + table + " " + chain);
    batch.attr(1, table).attr(2, chain);
    batch.attr(3, ByteBuffer.allocate(8).putLong(handle).array()).end();
  }

  private void element(String table, Element element) {
    batch.attr(1, table).attr(2, element.set());
    int list = batch.nest(3);
    int item = batch.nest(LIST_ELEM);
    data(1, element.key());
    byte[] end = element.keyEnd();
    if (end != null) {
      data(10, end);
    }
    byte[] value = element.data();
    if (value != null) {
      data(2, value);
    }
    String chain = element.gotoChain();
    if (chain != null) {
      int nest = batch.nest(2);
      int verdict = batch.nest(2);
      batch.attrBe32(1, GOTO).attr(2, chain).endNest(verdict).endNest(nest);
    }
    batch.endNest(item).endNest(list).end();
  }

  private void begin(int message, int flags, int family, String subject) {
    empty = false;
    batch.begin(SUBSYSTEM << 8 | message, flags, subject);
    generic(family, 0);
  }

  private NetlinkBatch generic(int family, int resource) {
    return batch.u8(family).u8(0).be16(resource);
  }

  private void payload(int base, int offset, int length) {
    expression(
        "payload",
        () -> batch.attrBe32(1, REG_1).attrBe32(2, base).attrBe32(3, offset).attrBe32(4, length));
  }

  private void equal(byte[] value) {
    expression(
        "cmp",
        () -> {
          batch.attrBe32(1, REG_1).attrBe32(2, 0);
          data(3, value);
        });
  }

  private void immediate(int register, byte[] value) {
    expression(
        "immediate",
        () -> {
          batch.attrBe32(1, register);
          data(2, value);
        });
  }

  private void expression(String name, Runnable attributes) {
    int item = batch.nest(LIST_ELEM);
    batch.attr(1, name);
    int nest = batch.nest(2);
    attributes.run();
    batch.endNest(nest).endNest(item);
  }

  private void data(int type, byte[] value) {
    int nest = batch.nest(type);
    batch.attr(1, value).endNest(nest);
  }

  /** As nft writes it: type, length, text with its final zero. */
  private static byte[] comment(String text) {
    byte[] words = (text + "\0").getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(words.length + 2)
        .put((byte) 0)
        .put((byte) words.length)
        .put(words)
        .array();
  }

  public static byte[] be16(int value) {
    return new byte[] {(byte) (value >>> 8), (byte) value};
  }

  /** Parts of a concatenated key: each is padded to four bytes, an interface name to sixteen. */
  public static byte[] key(Object... parts) {
    byte[] key = new byte[64];
    int length = 0;
    for (Object part : parts) {
      byte[] bytes =
          switch (part) {
            case String name ->
                Arrays.copyOf(name.getBytes(StandardCharsets.US_ASCII), IFNAME_BYTES);
            case byte[] raw -> raw;
            default -> throw new IllegalArgumentException("not a key: " + part);
          };
      System.arraycopy(bytes, 0, key, length, bytes.length);
      length += (bytes.length + 3) & ~3;
    }
    return Arrays.copyOf(key, length);
  }

  /**
   * An element of a set or map; at most one of {@code data} and {@code gotoChain} is there.
   *
   * @param keyEnd the last key of an interval
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared; the firewall keys them by text
  public record Element(
      String set,
      byte[] key,
      byte @Nullable [] keyEnd,
      byte @Nullable [] data,
      @Nullable String gotoChain) {
    public static Element member(String set, Object... parts) {
      return new Element(set, NftBatch.key(parts), null, null, null);
    }

    /** A published port, of which there may be thousands. */
    public boolean isPort() {
      return set.startsWith("pub") || set.startsWith("direct");
    }

    /** The host's UDP port that is led on; 0 for anything else. */
    public int udpPort() {
      // the key ends with protocol and port, four bytes each
      int protocol = key.length - 8;
      return set.startsWith("pub") && key[protocol] == UDP
          ? (key[protocol + 4] & 255) << 8 | (key[protocol + 5] & 255)
          : 0;
    }

    /** The interface that the key begins with. */
    public String name() {
      return NetlinkMessage.text(Arrays.copyOf(key, IFNAME_BYTES));
    }

    /** Set and key, unique in a table. */
    public String describe() {
      return describe(set, key);
    }

    public static String describe(String set, byte[] key) {
      return set + " " + HexFormat.of().formatHex(key);
    }
  }
}
