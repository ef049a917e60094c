package io.jcompose.network.sandbox;

import io.jcompose.network.SandboxRecord;
import io.jcompose.network.SandboxRecord.EndpointRecord;
import io.jcompose.network.port.PortTarget;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * Which of a container's endpoints give its default routes: an index for each family, chosen
 * separately; -1 for none.
 */
record Gateways(int ipv4, int ipv6) {
  static final Gateways NONE = new Gateways(-1, -1);

  static Gateways choose(List<Endpoint> joined) {
    return new Gateways(
        choose(joined, each -> true), choose(joined, each -> each.address6() != null));
  }

  /**
   * Highest priority, then networks with both families, then the smallest name; internal networks
   * lead nowhere.
   */
  private static int choose(List<Endpoint> joined, Predicate<Endpoint> usable) {
    return IntStream.range(0, joined.size())
        .boxed()
        .filter(i -> !joined.get(i).network().isInternal() && usable.test(joined.get(i)))
        .min(
            Comparator.comparingInt((Integer i) -> joined.get(i).record().gatewayPriority())
                .reversed()
                .thenComparing(i -> joined.get(i).address6() == null)
                .thenComparing(i -> joined.get(i).network().name()))
        .orElse(-1);
  }

  /** Those of a record among the endpoints whose networks are there still. */
  static Gateways of(SandboxRecord record, List<Endpoint> joined) {
    return new Gateways(
        indexOf(record, record.gatewayIndex(), joined),
        indexOf(record, record.gatewayIndex6(), joined));
  }

  /** Where the record's endpoint is now; -1 when it had none or the network is gone. */
  private static int indexOf(SandboxRecord record, int index, List<Endpoint> joined) {
    if (index < 0 || index >= record.endpoints().size()) {
      return -1;
    }
    EndpointRecord wanted = record.endpoints().get(index);
    return IntStream.range(0, joined.size())
        .filter(i -> joined.get(i).record().equals(wanted))
        .findFirst()
        .orElse(-1);
  }

  /** The endpoint that stands for the container where there can be but one; of some. */
  Endpoint main(List<Endpoint> joined) {
    return joined.get(Math.max(0, ipv4));
  }

  /** Where the container's ports lead to. */
  PortTarget target(List<Endpoint> joined) {
    Endpoint main = main(joined);
    Endpoint main6 = joined.get(Math.max(0, ipv6));
    return new PortTarget(
        main.address(),
        main6.address6(),
        main.network().options().mode4(),
        main6.network().options().mode6(),
        main.network().options().publishAddress());
  }
}
