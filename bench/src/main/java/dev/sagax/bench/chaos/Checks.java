package dev.sagax.bench.chaos;

import dev.sagax.bench.chaos.Ask.OrderName;
import dev.sagax.bench.chaos.Finding.Kind;
import dev.sagax.bench.client.Refusals;
import dev.sagax.bench.client.Session;
import dev.sagax.platform.log.Topic;
import dev.sagax.proto.ledger.v1.AssetAudit;
import dev.sagax.proto.ledger.v1.AuditRequest;
import dev.sagax.proto.ledger.v1.AuditResponse;
import dev.sagax.proto.order.v1.ListOrdersRequest;
import dev.sagax.proto.order.v1.Order;
import dev.sagax.proto.order.v1.OrderStatus;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.vertx.sqlclient.Row;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Everything that must be true of an exchange on which no client waits for an answer. Blocking. */
final class Checks {
  /** How many contradictions of one kind are told. */
  private static final int TOLD = 5;

  private static final int PAGE = 500;
  private static final Duration AUDIT_DEADLINE = Duration.ofSeconds(60);
  private static final long LOOK_MILLIS = 200;
  private static final long AT_ONCE_SECONDS = 1;

  private static final String ORDERS =
      """
      select replace(order_id::text, '-', '') as id, account, market, client_order_id, status
      from orders.orders\
      """;
  private static final String DEAD_LETTERS =
      """
      select topic || '/' || partition || '/' || seq || ': ' || error as letter from orders.dead_letter
      union all select topic || '/' || partition || '/' || seq || ': ' || error from matching.dead_letter
      union all select topic || '/' || partition || '/' || seq || ': ' || error from ledger.dead_letter
      union all select topic || '/' || partition || '/' || seq || ': ' || error from assets.dead_letter\
      """;
  private static final String POSITIONS =
      """
      select topic, partition, position from orders.step_input where topic = 'order.requested'
      union all select topic, partition, position from ledger.step_input where topic = 'transfer.requested'
      union all select topic, partition, position from assets.step_input where topic = 'transfer.requested'\
      """;

  private static final String UNDER_WAY =
      """
      with written as (
        select * from orders.step_output union all select * from matching.step_output
        union all select * from ledger.step_output union all select * from assets.step_output),
      read as (
        select * from orders.step_input union all select * from matching.step_input
        union all select * from ledger.step_input union all select * from assets.step_input)
      select coalesce(sum(w.last_seq - r.position), 0)::bigint as records
      from (select topic, partition, max(last_seq) as last_seq from written group by topic, partition) w
      join read r using (topic, partition)\
      """;

  private static final String UNDER_WAY_OF = UNDER_WAY + " where r.service = '%s'";

  private final Stores stores;
  private final Clients clients;
  private final Told told;
  private final Map<String, Integer> scales;
  private final Set<String> provoked = new HashSet<>();
  private int findingsTold;

  /**
   * @param scales decimal places by asset
   */
  Checks(Stores stores, Clients clients, Told told, Map<String, Integer> scales) {
    this.stores = stores;
    this.clients = clients;
    this.told = told;
    this.scales = scales;
  }

  /** Dead letters of this topic are provoked; how many is up to what happens then. */
  void allowDeadLetters(Topic topic) {
    provoked.add(topic.topicName + "/");
  }

  /**
   * Waits until all that clients may see without asking is true. Empty if that came in time, else
   * what was not.
   */
  List<String> awaitQuiet(Duration patience) throws InterruptedException {
    long end = System.nanoTime() + patience.toNanos();
    List<String> open = notQuiet();
    while (!open.isEmpty() && System.nanoTime() < end) {
      Thread.sleep(LOOK_MILLIS);
      open = notQuiet();
    }
    return open;
  }

  /** Records that are written and that their readers have not applied. */
  int underWay() {
    return stores.rows(UNDER_WAY).getFirst().getLong("records").intValue();
  }

  /**
   * Those of them that this service reads, whichever of its processes does.
   *
   * @throws IllegalStateException if PostgreSQL does not answer at once
   */
  int underWay(Service service) {
    String sql = UNDER_WAY_OF.formatted(service.processName);
    return stores.rows(sql, AT_ONCE_SECONDS).getFirst().getLong("records").intValue();
  }

  /** What keeps the exchange from being quiet, in sentences. */
  private List<String> notQuiet() {
    try {
      List<String> open = new ArrayList<>();
      open.addAll(contradictions(Invariant.LOG_IS_READ_TO_ITS_END));
      open.addAll(unread());
      open.addAll(contradictions(Invariant.ORDER_IS_FINAL_OR_RESTS));
      open.addAll(notServing());
      return open;
    } catch (IllegalStateException away) {
      return List.of(away.getMessage());
    }
  }

  /** What APIs have appended and their steps have not applied. */
  private List<String> unread() {
    List<String> unread = new ArrayList<>();
    Map<String, Map<Integer, Long>> ends = new HashMap<>();
    for (Row row : stores.rows(POSITIONS)) {
      Topic topic = Topic.ofName(row.getString("topic")).orElseThrow();
      long end =
          ends.computeIfAbsent(topic.topicName, name -> stores.endOffsets(topic))
              .get(row.getInteger("partition"));
      if (row.getLong("position") < end - 1) {
        unread.add(
            "%s/%d: ends before %d, applied to %d"
                .formatted(topic, row.getInteger("partition"), end, row.getLong("position")));
      }
    }
    return unread;
  }

  private List<String> notServing() {
    List<String> away = new ArrayList<>();
    for (int replica = 0; replica < clients.replicas(); replica++) {
      int number = replica;
      clients
          .operator(replica)
          .healths()
          .forEach((service, health) -> {
            try {
              ServingStatus status =
                  health.check(HealthCheckRequest.getDefaultInstance()).getStatus();
              if (status != ServingStatus.SERVING) {
                away.add("%s %d is %s".formatted(service, number, status));
              }
            } catch (StatusRuntimeException e) {
              away.add("%s %d: %s".formatted(service, number, Refusals.describe(e)));
              clients.reconnect(number);
            }
          });
    }
    return away;
  }

  /** What is wrong and can be seen without reading everything. The exchange has to be quiet. */
  List<Finding> quickFindings() {
    List<Finding> findings = new ArrayList<>(unprovokedDeadLetters());
    findings.addAll(newlyTold());
    return findings;
  }

  /** Everything that is wrong, in sentences. The exchange has to be quiet. */
  List<Finding> findings() {
    List<Finding> findings = new ArrayList<>();
    for (Invariant invariant : Invariant.values()) {
      findings.addAll(findings(invariant));
    }
    Map<String, Row> orders = new HashMap<>();
    stores.rows(ORDERS).forEach(row -> orders.put(row.getString("id"), row));
    findings.addAll(few(Kind.DOUBLED, "Every order is one that was asked for", unasked(orders)));
    findings.addAll(few(Kind.LOST, "No acknowledged order is lost", lost(orders)));
    findings.addAll(
        few(Kind.WRONG, "An order stays as a client was told that it ended", changed(orders)));
    findings.addAll(audit());
    findings.addAll(quickFindings());
    return findings;
  }

  private List<Finding> unprovokedDeadLetters() {
    List<String> letters =
        stores.rows(DEAD_LETTERS).stream()
            .map(row -> row.getString("letter"))
            .filter(letter -> provoked.stream().noneMatch(letter::startsWith))
            .toList();
    return few(Kind.WRONG, "Only what was provoked is put aside", letters);
  }

  /** Once more, as clients see it: the orders of every account, from every replica in turn. */
  List<Finding> findingsOfViews(List<String> accounts) {
    Map<String, String> seen = new TreeMap<>();
    List<String> wrong = new ArrayList<>();
    int turn = 0;
    for (String account : accounts) {
      for (Order order : orders(clients.customer(turn++, account))) {
        String text = account + " " + order.getMarket() + " " + order.getStatus().getNumber();
        if (seen.put(order.getOrderId(), text) != null) {
          wrong.add(order.getOrderId() + " is listed twice");
        }
      }
    }
    for (Row row : stores.rows(ORDERS)) {
      String text =
          row.getString("account") + " " + row.getString("market") + " " + row.getInteger("status");
      String shown = seen.remove(row.getString("id"));
      if (!text.equals(shown)) {
        wrong.add("%s is %s, and is shown as %s".formatted(row.getString("id"), text, shown));
      }
    }
    seen.forEach((id, text) -> wrong.add(id + " is shown and not recorded: " + text));
    return few(Kind.WRONG, "Clients see every order once, as it is recorded", wrong);
  }

  private static List<Order> orders(Session customer) {
    List<Order> all = new ArrayList<>();
    String token = "";
    do {
      var page =
          customer
              .orders()
              .listOrders(
                  ListOrdersRequest.newBuilder().setPageSize(PAGE).setPageToken(token).build());
      all.addAll(page.getOrdersList());
      token = page.getNextPageToken();
    } while (!token.isEmpty());
    return all;
  }

  /** What contradicts a rule, in a sentence; empty if nothing does. */
  List<String> contradictions(Invariant invariant) {
    return findings(invariant).stream().map(Finding::sentence).toList();
  }

  private List<Finding> findings(Invariant invariant) {
    List<String> texts =
        stores.rows(invariant.query).stream().map(row -> row.getString(0)).toList();
    return few(invariant.broken, invariant.sentence, texts);
  }

  private static List<Finding> few(Kind kind, String rule, List<String> contradictions) {
    if (contradictions.isEmpty()) {
      return List.of();
    }
    String told =
        String.join("; ", contradictions.subList(0, Math.min(TOLD, contradictions.size())));
    return List.of(
        new Finding(
            kind,
            contradictions.size(),
            "%s, but %d do not: %s".formatted(rule, contradictions.size(), told)));
  }

  private List<String> unasked(Map<String, Row> orders) {
    Map<String, OrderName> asked = told.orders();
    return orders.entrySet().stream()
        .filter(entry -> !isAsked(entry.getValue(), asked.get(entry.getKey())))
        .map(entry -> entry.getKey() + " " + entry.getValue().getString("client_order_id"))
        .toList();
  }

  private static boolean isAsked(Row order, OrderName name) {
    return name != null
        && name.account().equals(order.getString("account"))
        && name.market().equals(order.getString("market"))
        && name.clientOrderId().equals(order.getString("client_order_id"));
  }

  private List<String> lost(Map<String, Row> orders) {
    Map<String, OrderName> names = told.orders();
    return told.acknowledged().stream()
        .filter(id -> !orders.containsKey(id))
        .map(id -> id + " " + names.get(id))
        .toList();
  }

  private List<String> changed(Map<String, Row> orders) {
    List<String> changed = new ArrayList<>();
    told.closed()
        .forEach((id, status) -> {
          Row order = orders.get(id);
          if (order != null && order.getInteger("status") != status.getNumber()) {
            OrderStatus now = OrderStatus.forNumber(order.getInteger("status"));
            changed.add("%s was told as %s and is %s".formatted(id, status, now));
          }
        });
    return changed;
  }

  private List<Finding> audit() {
    List<Finding> findings = new ArrayList<>();
    AuditResponse audit = auditFromAnyone();
    audit.getFindingsList().forEach(sentence -> findings.add(Finding.wrong("Audit: " + sentence)));
    if (!audit.getConserved() && findings.isEmpty()) {
      findings.add(Finding.wrong("Audit: not conserved."));
    }
    Map<String, BigDecimal> expected = told.supply();
    for (AssetAudit asset : audit.getAssetsList()) {
      BigDecimal supply = BigDecimal.valueOf(asset.getSupplyUnits(), scales.get(asset.getAsset()));
      BigDecimal acknowledged = expected.getOrDefault(asset.getAsset(), BigDecimal.ZERO);
      if (supply.compareTo(acknowledged) != 0) {
        findings.add(
            Finding.wrong(
                "The supply of %s is %s, but clients were told of deposits less withdrawals of %s."
                    .formatted(
                        asset.getAsset(), supply.toPlainString(), acknowledged.toPlainString())));
      }
    }
    return findings;
  }

  private AuditResponse auditFromAnyone() {
    for (int turn = 0; ; turn++) {
      try {
        return clients
            .operator(turn)
            .ledger()
            .withDeadlineAfter(AUDIT_DEADLINE)
            .audit(AuditRequest.getDefaultInstance());
      } catch (StatusRuntimeException e) {
        if (turn == 2 * clients.replicas()) {
          throw e;
        }
        clients.reconnect(turn);
      }
    }
  }

  private List<Finding> newlyTold() {
    List<String> all = List.copyOf(told.findings());
    List<String> fresh = all.subList(findingsTold, all.size());
    findingsTold = all.size();
    return fresh.stream().map(Finding::wrong).toList();
  }
}
