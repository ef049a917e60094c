package io.jcompose.runtime.plan;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * The plan of a further program in version 2 of plans, for shims of version 4 of the frames: what
 * it says is the same. Built by one thread.
 */
final class OlderPlan {
  private static final int VERSION = 2;
  private static final int NUMBER = 1;
  private static final int BYTES = 2;
  private static final int REGISTER = 3;
  private static final int MEMORY = 4;

  private final ByteArrayOutputStream plan = new ByteArrayOutputStream();

  private OlderPlan() {
    number(PlanImage.MAGIC);
    number(VERSION);
  }

  static byte[] of(List<Operation> operations) {
    OlderPlan plan = new OlderPlan();
    operations.forEach(plan::add);
    return plan.plan.toByteArray();
  }

  private void add(Operation operation) {
    OlderPlan arguments = new OlderPlan();
    arguments.plan.reset();
    if (operation.op() == Op.CALL) {
      arguments.call(operation);
    } else {
      arguments.plain(operation);
    }
    number(operation.op().code);
    bytes(arguments.plan.toByteArray());
  }

  private void call(Operation call) {
    number(call.number());
    number(call.result());
    number(call.may(), Long.BYTES);
    number(call.skipped());
    for (Field argument : call.fields()) {
      number(kind(argument));
      field(argument);
    }
  }

  private static int kind(Field argument) {
    return switch (argument) {
      case Field.Number _ -> NUMBER;
      case Field.Text _, Field.Bytes _ -> BYTES;
      case Field.Register _ -> REGISTER;
      case Field.Memory _ -> MEMORY;
      case Field.Texts _, Field.Half _ -> throw unknown(argument);
    };
  }

  /** A check's place has no size there; and a program is under no init, instead of by its words. */
  private void plain(Operation operation) {
    boolean program = operation.op() == Op.EXEC;
    if (program) {
      number(0);
    }
    for (Field field : operation.fields().subList(program ? 1 : 0, operation.fields().size())) {
      if (operation.op() == Op.CHECK && field instanceof Field.Memory(int _, int at)) {
        number(at);
      } else {
        field(field);
      }
    }
  }

  private void field(Field field) {
    switch (field) {
      case Field.Number number -> number(number.value(), number.bytes());
      case Field.Text text -> bytes(text.bytes());
      case Field.Bytes bytes -> bytes(bytes.value());
      case Field.Register register -> number(register.number());
      case Field.Memory memory -> {
        number(memory.bytes());
        number(memory.at());
      }
      case Field.Texts texts -> {
        number(texts.values().size());
        texts.values().forEach(text -> bytes(new Field.Text(text).bytes()));
      }
      case Field.Half half -> throw unknown(half);
    }
  }

  private static IllegalArgumentException unknown(Field field) {
    return new IllegalArgumentException("version 2 of plans has no " + field);
  }

  private void bytes(byte[] value) {
    number(value.length);
    plan.writeBytes(value);
  }

  private void number(int value) {
    number(value, Integer.BYTES);
  }

  private void number(long value, int bytes) {
    byte[] all =
        ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array();
    plan.write(all, 0, bytes);
  }
}
