package io.jcompose.runtime.plan;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The ordered steps that a shim carries out. Built by one thread, then sent. */
public final class TaskPlan {
  static final int MAGIC = 0x3150434a;
  static final int VERSION = 1;

  private final List<Step> steps = new ArrayList<>(96);

  /** Adds a step. */
  public TaskPlan add(Step step) {
    steps.add(step);
    return this;
  }

  /** Adds steps. */
  public TaskPlan addAll(List<? extends Step> more) {
    steps.addAll(more);
    return this;
  }

  /** A view. */
  public List<Step> steps() {
    return Collections.unmodifiableList(steps);
  }

  /** The protocol's form. */
  public byte[] encode() {
    Length length = new Length(); // known before, for a long plan must be in memory only once
    steps.forEach(step -> StepEncoder.write(step, length));
    Bytes bytes = new Bytes(length.bytes);
    for (Step step : steps) {
      StepEncoder.write(step, bytes);
      bytes.end();
    }
    return bytes.to.array();
  }

  /** One line a step, for people and tests; bytes are shown by their length. */
  @Override
  public String toString() {
    Words words = new Words();
    for (Step step : steps) {
      StepEncoder.write(step, words);
      words.text.append('\n');
    }
    return words.text.toString();
  }

  private static byte[] utf8(String value) {
    return value.getBytes(StandardCharsets.UTF_8);
  }

  private static final class Length implements StepWriter {
    private int bytes = 2 * Integer.BYTES;

    private Length add(int more) {
      bytes += more;
      return this;
    }

    @Override
    public StepWriter step(Op op) {
      return add(2 * Integer.BYTES);
    }

    @Override
    public StepWriter u32(int value) {
      return add(Integer.BYTES);
    }

    @Override
    public StepWriter u64(long value) {
      return add(Long.BYTES);
    }

    @Override
    public StepWriter text(String value) {
      return add(Integer.BYTES + utf8(value).length + 1);
    }

    @Override
    public StepWriter bytes(byte[] value) {
      return add(Integer.BYTES + value.length);
    }
  }

  private static final class Bytes implements StepWriter {
    private final ByteBuffer to;
    private int start;

    Bytes(int length) {
      to = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
      to.putInt(MAGIC).putInt(VERSION);
    }

    @Override
    public StepWriter step(Op op) {
      to.putInt(op.code).putInt(0);
      start = to.position();
      return this;
    }

    /** Writes how long the step's arguments have become. */
    void end() {
      to.putInt(start - Integer.BYTES, to.position() - start);
    }

    @Override
    public StepWriter u32(int value) {
      to.putInt(value);
      return this;
    }

    @Override
    public StepWriter u64(long value) {
      to.putLong(value);
      return this;
    }

    @Override
    public StepWriter text(String value) {
      byte[] bytes = utf8(value);
      to.putInt(bytes.length + 1).put(bytes).put((byte) 0);
      return this;
    }

    @Override
    public StepWriter bytes(byte[] value) {
      to.putInt(value.length).put(value);
      return this;
    }
  }

  private static final class Words implements StepWriter {
    private final StringBuilder text = new StringBuilder();

    private Words word(Object word) {
      text.append(' ').append(word);
      return this;
    }

    @Override
    public StepWriter step(Op op) {
      text.append(op);
      return this;
    }

    @Override
    public StepWriter u32(int value) {
      return word(value);
    }

    @Override
    public StepWriter u64(long value) {
      return word("0x" + Long.toHexString(value));
    }

    @Override
    public StepWriter text(String value) {
      boolean quoted = value.isEmpty() || value.indexOf(' ') >= 0;
      return word(quoted ? '"' + value + '"' : value);
    }

    @Override
    public StepWriter bytes(byte[] value) {
      return word("<" + value.length + " bytes>");
    }
  }
}
