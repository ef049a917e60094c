package io.jcompose.network.ipam;

import io.jcompose.network.address.AddressRange;
import io.jcompose.network.ipam.HostRoutes.Route;
import java.util.Collection;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A search for a subnet in one pool after the other: the first that meets nothing at all, else the
 * first that lies inside of wider routes that lead elsewhere, such as a VPN's to all of 10.0.0.0/8.
 * Used once, by one thread.
 *
 * @param <A> an address
 * @param <S> a subnet
 */
final class SubnetSearch<A, S extends AddressRange<A>> {
  private static final Logger LOG = LoggerFactory.getLogger(SubnetSearch.class);

  /** As many as a message names. */
  private static final int OBSTACLES = 4;

  private final Collection<S> own;
  private final List<Route<A>> routes;
  private final Set<String> obstacles = new LinkedHashSet<>();
  private int ownCount;
  private @Nullable S inside;
  private @Nullable Route<A> around;

  /**
   * @param own subnets of this engine's networks, which nothing may meet
   */
  SubnetSearch(Collection<S> own, List<Route<A>> routes) {
    this.own = List.copyOf(own);
    this.routes = List.copyOf(routes);
  }

  /** The first that meets nothing, of these; remembers what else could be taken. */
  Optional<S> free(AddressRange<A> pool, Stream<S> subnets) {
    boolean covered = routes.stream().anyMatch(route -> route.leavesRoomFor(pool));
    List<Route<A>> near = routes.stream().filter(route -> route.to().meets(pool)).toList();
    for (Iterator<S> each = subnets.iterator(); each.hasNext(); ) {
      if (covered && inside != null) {
        return Optional.empty(); // nothing better will come
      }
      S subnet = each.next();
      if (own.stream().anyMatch(subnet::meets)) {
        ownCount++;
      } else if (meetsNothing(subnet, near)) {
        return Optional.of(subnet);
      }
    }
    return Optional.empty();
  }

  /** The second best. */
  Optional<S> insideOfRoutes() {
    if (inside != null && around != null) {
      LOG.warn(
          "{} is inside of {}: what is there is no longer reached; give the network a subnet of"
              + " your choice (ipam) if that matters",
          inside,
          around.text());
    }
    return Optional.ofNullable(inside);
  }

  /** Why there is none. */
  String reason() {
    String text = ownCount + " subnets are those of this engine's networks";
    return obstacles.isEmpty()
        ? text
        : text + ", and in the way of others are: " + String.join("; ", obstacles);
  }

  private boolean meetsNothing(S subnet, List<Route<A>> near) {
    List<Route<A>> met = near.stream().filter(route -> route.to().meets(subnet)).toList();
    Optional<Route<A>> obstacle =
        met.stream().filter(route -> !route.leavesRoomFor(subnet)).findFirst();
    if (obstacle.isPresent()) {
      if (obstacles.size() < OBSTACLES) {
        obstacles.add(obstacle.get().text());
      }
    } else if (inside == null && !met.isEmpty()) {
      inside = subnet;
      around = met.stream().max(Comparator.comparingInt(each -> each.to().prefix())).orElseThrow();
    }
    return met.isEmpty();
  }
}
