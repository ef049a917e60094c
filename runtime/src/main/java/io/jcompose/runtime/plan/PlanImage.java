package io.jcompose.runtime.plan;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * A plan as it lies in a shim's memory: a head, operations of one size, then what they point to.
 * Made by one thread.
 */
final class PlanImage implements PlanData {
  static final int MAGIC = 0x3150434a;
  static final int VERSION = 3;
  private static final int HEAD = 4 * Integer.BYTES;
  private static final int OPERATION = 72;
  private static final int KINDS = 8;
  private static final int ARGUMENTS = 6;

  private final List<Operation> operations;
  private final int first;
  private final List<long[]> arguments = new ArrayList<>();
  private final Map<String, Integer> texts = new HashMap<>();
  private final IdentityHashMap<byte[], Integer> blocks = new IdentityHashMap<>();
  private final List<byte[]> data = new ArrayList<>();
  private int length;

  /**
   * @param first the number of the first operation in what the shim says of failures
   */
  PlanImage(List<Operation> operations, int first) {
    this.operations = operations;
    this.first = first;
    length = HEAD + OPERATION * operations.size();
    for (Operation operation : operations) {
      long[] values = new long[operation.fields().size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = operation.fields().get(i).valueIn(this);
      }
      arguments.add(values);
    }
  }

  @Override
  public long text(String text) {
    return texts.computeIfAbsent(text, value -> add(new Field.Text(value).bytes()));
  }

  @Override
  public long bytes(byte[] bytes) {
    return blocks.computeIfAbsent(bytes, this::add);
  }

  @Override
  public long list(List<String> values) {
    ByteBuffer places = Argument.structure(Long.BYTES * (values.size() + 1));
    values.forEach(value -> places.putLong(text(value)));
    return add(Argument.content(places));
  }

  private int add(byte[] bytes) {
    int at = length;
    data.add(bytes);
    length += padded(bytes.length);
    return at;
  }

  private static int padded(int bytes) {
    return Math.max(bytes + Long.BYTES - 1, Long.BYTES) / Long.BYTES * Long.BYTES;
  }

  /** The last byte is 0: so all texts end. */
  byte[] encode() {
    ByteBuffer to = ByteBuffer.allocate(length + Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    to.putInt(MAGIC).putInt(VERSION).putInt(operations.size()).putInt(first);
    for (int i = 0; i < operations.size(); i++) {
      put(operations.get(i), arguments.get(i), to);
    }
    for (byte[] bytes : data) {
      to.put(bytes).position(to.position() + padded(bytes.length) - bytes.length);
    }
    return to.array();
  }

  private static void put(Operation operation, long[] arguments, ByteBuffer to) {
    to.putShort((short) operation.op().code).putShort((short) operation.number());
    to.putShort((short) operation.result()).putShort((short) operation.skipped());
    for (int i = 0; i < KINDS; i++) {
      to.put((byte) (i < arguments.length ? operation.fields().get(i).kind() : 0));
    }
    to.putLong(operation.may());
    for (int i = 0; i < ARGUMENTS; i++) {
      to.putLong(i < arguments.length ? arguments[i] : 0);
    }
  }
}
