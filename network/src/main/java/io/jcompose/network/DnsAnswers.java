package io.jcompose.network;

import io.jcompose.network.NameTable.Asker;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Answers questions from the names of the networks. Knows no socket; takes no lock. As Docker's
 * embedded name server, but for a short time to live and names of all networks of the asker.
 */
final class DnsAnswers {
  private static final int TCP_BYTES = 65_535;

  private DnsAnswers() {}

  /** The answer, or empty when the question is for the name servers outside. */
  static Optional<byte[]> answer(DnsQuery query, Asker asker, boolean tcp) {
    if (query.opcode() != 0) {
      return Optional.of(query.empty(DnsQuery.NOTIMP));
    }
    Optional<Integer> reverse = query.reverseAddress();
    if (reverse.isPresent()) {
      for (Network network : asker.networks()) {
        Optional<String> name = network.names().nameOf(reverse.get());
        if (name.isPresent()) {
          return Optional.of(query.pointer(name.get() + "." + network.name()));
        }
      }
      return Optional.empty();
    }
    int[] found = find(query.name(), asker);
    if (found == null) {
      return Optional.empty();
    }
    return Optional.of(
        query.type() == DnsQuery.TYPE_A
            ? query.addresses(shuffled(found), tcp ? TCP_BYTES : query.udpSize())
            : query.empty(DnsQuery.NOERROR));
  }

  /** What to say when nobody outside can be asked. */
  static byte[] unknown(DnsQuery query) {
    return query.empty(query.name().indexOf('.') < 0 ? DnsQuery.NXDOMAIN : DnsQuery.SERVFAIL);
  }

  /** The first network that knows the name decides. */
  private static int @Nullable [] find(String name, Asker asker) {
    for (Network network : asker.networks()) {
      int[] found = network.names().find(name);
      String suffix = "." + NameTable.lower(network.name());
      if (found == null && name.endsWith(suffix)) {
        found = network.names().find(name.substring(0, name.length() - suffix.length()));
      }
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  private static int[] shuffled(int[] addresses) {
    int[] copy = addresses.clone();
    ThreadLocalRandom random = ThreadLocalRandom.current();
    for (int i = copy.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int swap = copy[i];
      copy[i] = copy[j];
      copy[j] = swap;
    }
    return copy;
  }
}
