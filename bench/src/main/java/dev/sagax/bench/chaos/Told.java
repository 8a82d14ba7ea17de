package dev.sagax.bench.chaos;

import dev.sagax.bench.chaos.Ask.OrderName;
import dev.sagax.proto.asset.v1.Transfer;
import dev.sagax.proto.asset.v1.TransferKind;
import dev.sagax.proto.asset.v1.TransferStatus;
import dev.sagax.proto.order.v1.Order;
import dev.sagax.proto.order.v1.OrderStatus;
import java.math.BigDecimal;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;

/** What clients have asked for and what they were told. Safe on any thread. */
final class Told {
  /** By order id. */
  private final ConcurrentMap<String, OrderName> asked = new ConcurrentHashMap<>();

  private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
  private final ConcurrentMap<String, OrderStatus> closed = new ConcurrentHashMap<>();
  private final ConcurrentMap<String, Transfer> transfers = new ConcurrentHashMap<>();
  private final Queue<String> findings = new ConcurrentLinkedQueue<>();
  private final AtomicLong answers = new AtomicLong();
  private final AtomicLong repeats = new AtomicLong();

  void asked(OrderName order) {
    asked.put(order.orderId(), order);
  }

  /** A client has got this as an answer about its order. */
  void told(OrderName name, Order order) {
    answers.incrementAndGet();
    String id = name.orderId();
    if (!order.getOrderId().equals(id)) {
      finding("Order %s was answered with another id, %s.".formatted(name, order.getOrderId()));
    }
    acknowledged.add(id);
    closed(name, order);
  }

  /** A client has got this as an answer to its cancel, which may have come before the order. */
  void cancelTold(OrderName name, Order order) {
    answers.incrementAndGet();
    closed(name, order);
  }

  private void closed(OrderName name, Order order) {
    String id = name.orderId();
    if (isClosed(order.getStatus())) {
      OrderStatus before = closed.putIfAbsent(id, order.getStatus());
      if (before != null && before != order.getStatus()) {
        finding(
            "Order %s was told as %s and then as %s.".formatted(name, before, order.getStatus()));
      }
    }
  }

  /** A client has got the ledger's decision about its transfer. */
  void told(Transfer transfer) {
    answers.incrementAndGet();
    Transfer before = transfers.putIfAbsent(transfer.getTransferId(), transfer);
    if (before != null && !before.equals(transfer)) {
      finding("Transfer %s was told twice, differently.".formatted(transfer.getTransferId()));
    }
  }

  /** A client has got an answer that says nothing of a single order. */
  void answered() {
    answers.incrementAndGet();
  }

  void repeated() {
    repeats.incrementAndGet();
  }

  /** Something that must never happen. */
  void finding(String sentence) {
    findings.add(sentence);
  }

  static boolean isClosed(OrderStatus status) {
    return switch (status) {
      case ORDER_STATUS_FILLED,
          ORDER_STATUS_CANCELLED,
          ORDER_STATUS_EXPIRED,
          ORDER_STATUS_REJECTED ->
          true;
      case ORDER_STATUS_UNSPECIFIED,
          ORDER_STATUS_ACCEPTED,
          ORDER_STATUS_OPEN,
          ORDER_STATUS_PARTIALLY_FILLED,
          UNRECOGNIZED ->
          false;
    };
  }

  /** All deposits less all withdrawals that clients were told of, in whole units by asset. */
  Map<String, BigDecimal> supply() {
    Map<String, BigDecimal> supply = new TreeMap<>();
    for (Transfer transfer : transfers.values()) {
      if (transfer.getStatus() == TransferStatus.TRANSFER_STATUS_COMPLETED) {
        BigDecimal amount = new BigDecimal(transfer.getAmount());
        boolean in = transfer.getKind() == TransferKind.TRANSFER_KIND_DEPOSIT;
        supply.merge(transfer.getAsset(), in ? amount : amount.negate(), BigDecimal::add);
      }
    }
    return supply;
  }

  /** By order id, all that was ever sent. */
  Map<String, OrderName> orders() {
    return Map.copyOf(asked);
  }

  /** The ids of orders that a client got an answer about. */
  Set<String> acknowledged() {
    return Set.copyOf(acknowledged);
  }

  /** Orders that a client was told to be closed, and how. */
  Map<String, OrderStatus> closed() {
    return Map.copyOf(closed);
  }

  /** Transfers that a client knows the decision of. */
  int transfers() {
    return transfers.size();
  }

  long answers() {
    return answers.get();
  }

  /** How often a call was made again. */
  long repeats() {
    return repeats.get();
  }

  /** What clients saw that must never happen. */
  Queue<String> findings() {
    return findings;
  }
}
