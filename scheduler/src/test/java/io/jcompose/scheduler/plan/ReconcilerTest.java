package io.jcompose.scheduler.plan;

import static io.jcompose.scheduler.plan.Planning.shop;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import io.jcompose.scheduler.DownOptions;
import io.jcompose.scheduler.Sketch;
import io.jcompose.scheduler.UpOptions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Whole plans, each beside what it is made from. */
class ReconcilerTest {
  private static final String FIRST_UP =
      """
      1. create network shop_default  (it does not exist)
      2. create volume shop_data  (it does not exist)
      3. create container shop-db-1 after 1,2  (it does not exist)
      4. create container shop-init-1 after 1,2  (it does not exist)
      5. create container shop-web-1 after 1,2  (it does not exist)
      6. create container shop-web-2 after 1,2  (it does not exist)
      7. start container shop-db-1 after 3  (it was created)
      8. await service_healthy of shop-db-1 after 7  (others depend on db)
      9. start container shop-init-1 after 4,8  (it was created)
      10. await service_completed_successfully of shop-init-1 after 9  (others depend on init)
      11. start container shop-web-1 after 5,8,10  (it was created)
      12. start container shop-web-2 after 6,8,10  (it was created)
      """;

  private final Planning planning = new Planning();

  private static void assertPlan(ProjectPlan plan, String expected) {
    assertThat(Planning.text(plan)).isEqualTo(expected);
  }

  @Test
  void firstUp() {
    assertPlan(planning.up(shop("1", "1", 2)), FIRST_UP);
  }

  @Test
  void theOrderOfTheFileDecidesNothing() {
    Sketch shop = shop("1", "1", 2);
    Sketch reversed = new Sketch();
    List.of("web", "init", "db")
        .forEach(name -> reversed.services.put(name, shop.services.get(name)));
    assertPlan(planning.up(reversed), FIRST_UP);
  }

  @Test
  void refusesMoreContainersThanAProjectMayHave() {
    Sketch sketch = new Sketch().service("a", "1", 4500, "", "no").service("b", "1", 1, "", "no");
    UpOptions more = UpOptions.DEFAULT.with().scale(Map.of("b", 501)).build();
    assertThatThrownBy(() -> planning.up(sketch, more))
        .isInstanceOf(JcomposeException.InvalidArgument.class)
        .hasMessage(
            "the project is too large: 5,001 containers, and an engine takes 5,000 of one project");
  }

  @Test
  void nothingChanged() {
    Sketch sketch = new Sketch().service("a", "1", 2, "", "no");
    planning.made(sketch);
    ProjectPlan plan = planning.up(sketch);
    assertThat(plan.changesNothing()).isTrue();
    assertPlan(
        plan,
        """
        1. keep container shop-a-1  (nothing changed)
        2. keep container shop-a-2  (nothing changed)
        """);
  }

  @Test
  void changedDependency() {
    planning.made(shop("1", "1", 2));
    assertPlan(
        planning.up(shop("2", "1", 2)),
        """
        1. create container <old>_shop-db-1 [for shop-db-1, configuration changed]  (configuration changed)
        2. all is made after 1  (before anything is stopped)
        3. stop container shop-web-1 [quiet] after 2  (a dependency is recreated)
        4. stop container shop-web-2 [quiet] after 2  (a dependency is recreated)
        5. stop container shop-db-1 [quiet] after 3,4  (configuration changed)
        6. remove container shop-db-1 [quiet] after 5  (configuration changed)
        7. rename container <old>_shop-db-1 to shop-db-1 after 6  (configuration changed)
        8. start container shop-db-1 after 7  (it was recreated)
        9. await service_healthy of shop-db-1 after 8  (others depend on db)
        10. start container shop-init-1 after 9  (it does not run)
        11. await service_completed_successfully of shop-init-1 after 10  (others depend on init)
        12. start container shop-web-1 after 3,9,11  (it was stopped for this)
        13. start container shop-web-2 after 4,9,11  (it was stopped for this)
        """);
  }

  @Test
  void changesOnlyWhatCanBeChangedWhileItRuns() {
    planning.made(new Sketch().service("a", "1", 1, "", "no").service("b", "1", 1, "", "no"));
    Sketch changed = new Sketch().service("a", "2", 1, "", "always").service("b", "2", 1, "", "no");
    assertPlan(
        planning.up(changed),
        """
        1. create container <old>_shop-b-1 [for shop-b-1, configuration changed]  (configuration changed)
        2. all is made after 1  (before anything is stopped)
        3. stop container shop-b-1 [quiet] after 2  (configuration changed)
        4. remove container shop-b-1 [quiet] after 3  (configuration changed)
        5. update container shop-a-1  (limits or restart policy changed)
        6. rename container <old>_shop-b-1 to shop-b-1 after 4  (configuration changed)
        7. start container shop-b-1 after 6  (it was recreated)
        """);
  }

  @Test
  void scaledDownAndOrphans() {
    planning.made(shop("1", "1", 3));
    planning.made(new Sketch().service("old", "1", 1, "", "no"));
    assertPlan(
        planning.up(shop("1", "1", 1)),
        """
        ! Found orphan containers ([shop-old-1]) for this project. If you removed or renamed this service in your compose file,\
         you can run this command with the --remove-orphans flag to clean it up.
        1. stop container shop-web-3  (scaled down)
        2. remove container shop-web-3 after 1  (scaled down)
        3. stop container shop-web-2  (scaled down)
        4. remove container shop-web-2 after 3  (scaled down)
        5. keep container shop-db-1  (nothing changed)
        6. start container shop-init-1  (it does not run)
        7. keep container shop-web-1  (nothing changed)
        8. await service_completed_successfully of shop-init-1 after 6  (others depend on init)
        """);
    UpOptions ignoring = UpOptions.DEFAULT.with().ignoreOrphans(true).build();
    assertThat(planning.up(shop("1", "1", 1), ignoring).text()).doesNotContain("orphan");
  }

  @Test
  void changedNetwork() {
    planning.made(shop("1", "1", 1));
    assertPlan(
        planning.up(shop("1", "1", 1).network("n2")),
        """
        1. create container <old>_shop-db-1 [for shop-db-1, network shop_default changed]  (network shop_default changed)
        2. create container <old>_shop-init-1 [for shop-init-1, network shop_default changed]  (network shop_default changed)
        3. create container <old>_shop-web-1 [for shop-web-1, network shop_default changed]  (network shop_default changed)
        4. all is made after 1,2,3  (before anything is stopped)
        5. stop container shop-web-1 [quiet] after 4  (network shop_default changed)
        6. stop container shop-db-1 [quiet] after 5  (network shop_default changed)
        7. replace network shop_default after 5,6  (its configuration changed)
        8. remove container shop-db-1 [quiet] after 6,7  (network shop_default changed)
        9. remove container shop-init-1 [quiet] after 4,7  (network shop_default changed)
        10. remove container shop-web-1 [quiet] after 5,7  (network shop_default changed)
        11. rename container <old>_shop-db-1 to shop-db-1 after 8  (network shop_default changed)
        12. start container shop-db-1 after 7,11  (it was recreated)
        13. rename container <old>_shop-init-1 to shop-init-1 after 9  (network shop_default changed)
        14. await service_healthy of shop-db-1 after 12  (others depend on db)
        15. start container shop-init-1 after 7,13,14  (it was recreated)
        16. rename container <old>_shop-web-1 to shop-web-1 after 10  (network shop_default changed)
        17. await service_completed_successfully of shop-init-1 after 15  (others depend on init)
        18. start container shop-web-1 after 7,14,16,17  (it was recreated)
        """);
  }

  @Test
  void down() {
    Sketch shop = shop("1", "1", 2);
    planning.made(shop);
    Observed observed = planning.observed(shop);
    assertPlan(
        planning
            .services(shop)
            .down(
                DownOptions.DEFAULT,
                List.copyOf(observed.networks().values()),
                List.of(),
                List.of()),
        """
        1. stop container shop-web-1 [manual]  (down)
        2. remove container shop-web-1 after 1  (down)
        3. stop container shop-web-2 [manual]  (down)
        4. remove container shop-web-2 after 3  (down)
        5. remove container shop-init-1  (down)
        6. stop container shop-db-1 [manual] after 1,3  (down)
        7. remove container shop-db-1 after 6  (down)
        8. remove network shop_default after 2,4,5,7  (down)
        """);
  }

  @Test
  void restartTakesFollowersAlong() {
    planning.made(shop("1", "1", 1));
    assertPlan(
        planning.services(shop("1", "1", 1)).restart(List.of("db"), null, false),
        """
        1. stop container shop-web-1 [quiet]  (a dependency is restarted)
        2. stop container shop-db-1 [quiet] after 1  (asked for)
        3. start container shop-db-1 [again] after 2  (restart)
        4. await service_healthy of shop-db-1 after 3  (others depend on db)
        5. start container shop-web-1 [again] after 1,4  (restart)
        """);
  }

  @Test
  void plansFiftyServices() {
    Sketch sketch = new Sketch();
    for (int i = 0; i < 50; i++) {
      sketch.service(
          "s" + i, "1", 1, i % 5 == 0 ? "" : "s" + (i - 1) + ":service_started:false", "no");
    }
    assertThat(planning.up(sketch).steps()).hasSize(102);
  }
}
