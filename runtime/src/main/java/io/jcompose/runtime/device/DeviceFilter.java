package io.jcompose.runtime.device;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Compiles device rules to an eBPF program of type BPF_PROG_TYPE_CGROUP_DEVICE, which the kernel
 * asks at each mknod and open of a device node: linux/bpf.h, struct bpf_cgroup_dev_ctx. What no
 * rule allows is refused.
 */
final class DeviceFilter {
  private static final int LOAD_WORD = 0x61; // BPF_LDX | BPF_MEM | BPF_W
  private static final int MOVE = 0xbf; // BPF_ALU64 | BPF_MOV | BPF_X
  private static final int MOVE_NUMBER = 0xb7; // BPF_ALU64 | BPF_MOV | BPF_K
  private static final int AND_NUMBER = 0x57; // BPF_ALU64 | BPF_AND | BPF_K
  private static final int SHIFT_RIGHT = 0x77; // BPF_ALU64 | BPF_RSH | BPF_K
  private static final int JUMP_UNLESS_EQUAL = 0x55; // BPF_JMP | BPF_JNE | BPF_K
  private static final int EXIT = 0x95;

  private static final int RESULT = 0;
  private static final int CONTEXT = 1;
  private static final int TYPE = 2;
  private static final int ACCESS = 3;
  private static final int MAJOR = 4;
  private static final int MINOR = 5;
  private static final int SCRATCH = 6;

  private static final int ACCESS_TYPE_OFFSET = 0;
  private static final int MAJOR_OFFSET = 4;
  private static final int MINOR_OFFSET = 8;
  private static final int BLOCK = 1;
  private static final int CHARACTER = 2;

  private DeviceFilter() {}

  private record Instruction(int code, int target, int source, int offset, int number) {}

  /** The program as an array of struct bpf_insn. */
  static byte[] compile(List<DeviceRule> rules) {
    List<Instruction> code = new ArrayList<>();
    code.add(new Instruction(LOAD_WORD, TYPE, CONTEXT, ACCESS_TYPE_OFFSET, 0));
    code.add(new Instruction(MOVE, ACCESS, TYPE, 0, 0));
    code.add(new Instruction(SHIFT_RIGHT, ACCESS, 0, 0, 16));
    code.add(new Instruction(AND_NUMBER, TYPE, 0, 0, 0xffff));
    code.add(new Instruction(LOAD_WORD, MAJOR, CONTEXT, MAJOR_OFFSET, 0));
    code.add(new Instruction(LOAD_WORD, MINOR, CONTEXT, MINOR_OFFSET, 0));
    for (DeviceRule rule : DeviceRule.merge(rules)) {
      allow(code, rule);
    }
    verdict(code, 0);
    ByteBuffer bytes = ByteBuffer.allocate(code.size() * 8).order(ByteOrder.nativeOrder());
    for (Instruction i : code) {
      // two bit fields of a byte: their order follows that of the bytes, little on all that we know
      bytes.put((byte) i.code).put((byte) (i.source << 4 | i.target));
      bytes.putShort((short) i.offset).putInt(i.number);
    }
    return bytes.array();
  }

  private static void allow(List<Instruction> code, DeviceRule rule) {
    List<Instruction> tests = new ArrayList<>();
    if (rule.type() != 'a') {
      tests.add(unless(TYPE, rule.type() == 'b' ? BLOCK : CHARACTER));
    }
    if (rule.access() != DeviceRule.ALL) { // nothing may be asked for that the rule does not give
      tests.add(new Instruction(MOVE, SCRATCH, ACCESS, 0, 0));
      tests.add(new Instruction(AND_NUMBER, SCRATCH, 0, 0, DeviceRule.ALL & ~rule.access()));
      tests.add(unless(SCRATCH, 0));
    }
    if (rule.major() >= 0) {
      tests.add(unless(MAJOR, rule.major()));
    }
    if (rule.minor() >= 0) {
      tests.add(unless(MINOR, rule.minor()));
    }
    for (int i = 0; i < tests.size(); i++) {
      Instruction test = tests.get(i);
      int toNextRule = tests.size() - i - 1 + 2;
      code.add(
          test.code == JUMP_UNLESS_EQUAL
              ? new Instruction(test.code, test.target, 0, toNextRule, test.number)
              : test);
    }
    verdict(code, 1);
  }

  private static Instruction unless(int register, int number) {
    return new Instruction(JUMP_UNLESS_EQUAL, register, 0, 0, number);
  }

  private static void verdict(List<Instruction> code, int allowed) {
    code.add(new Instruction(MOVE_NUMBER, RESULT, 0, 0, allowed));
    code.add(new Instruction(EXIT, 0, 0, 0, 0));
  }
}
