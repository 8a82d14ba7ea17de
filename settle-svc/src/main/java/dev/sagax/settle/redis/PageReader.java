package dev.sagax.settle.redis;

import dev.sagax.settle.Balance;
import dev.sagax.settle.Flow;
import dev.sagax.settle.FlowPartition;
import dev.sagax.settle.LedgerPage;
import dev.sagax.settle.LedgerPages.Scanned;
import dev.sagax.settle.LedgerUnreadableException;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import io.vertx.redis.client.impl.types.ErrorType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Reads parts of the ledger, each at one moment. */
final class PageReader {
  private static final String SCRIPT = LedgerScript.read("page.lua");

  /** With these Redis speaks of itself, not of what it has. */
  private static final List<String> NOT_NOW =
      List.of(
          "LOADING",
          "BUSY",
          "NOSCRIPT",
          "OOM",
          "READONLY",
          "MISCONF",
          "MASTERDOWN",
          "NOAUTH",
          "NOPERM",
          "CLUSTERDOWN",
          "TRYAGAIN");

  private final RedisSession redis;

  PageReader(RedisSession redis) {
    this.redis = redis;
  }

  Future<LedgerPage> page(
      int partitions, Collection<String> accounts, Collection<LedgerPage.HoldKey> holds) {
    List<FlowPartition> logs = new ArrayList<>();
    for (Flow flow : Flow.values()) {
      for (int partition = 0; partition < partitions; partition++) {
        logs.add(new FlowPartition(flow, partition));
      }
    }
    return redis
        .send(request(logs, partitions, accounts, holds))
        .map(reply -> page(reply, logs, partitions, List.copyOf(accounts), List.copyOf(holds)))
        .recover(PageReader::translate);
  }

  /** What Redis has but what a ledger cannot have, is damage, and not a Redis that is away. */
  private static <T> Future<T> translate(Throwable failure) {
    return switch (failure) {
      case NumberFormatException e ->
          unreadable("The ledger has a value that is no number of units: " + e.getMessage(), e);
      case IndexOutOfBoundsException e ->
          unreadable("The ledger has a field that is of no asset.", e);
      case ErrorType e when NOT_NOW.stream().noneMatch(e::is) ->
          unreadable("The ledger has a key of the wrong kind: " + e.getMessage(), e);
      default -> Future.failedFuture(failure);
    };
  }

  private static <T> Future<T> unreadable(String what, Throwable failure) {
    return Future.failedFuture(new LedgerUnreadableException(what, failure));
  }

  private static Request request(
      List<FlowPartition> logs,
      int partitions,
      Collection<String> accounts,
      Collection<LedgerPage.HoldKey> holds) {
    List<String> keys =
        new ArrayList<>(
            List.of(LedgerKeys.EPOCH, LedgerKeys.DIRTY, LedgerKeys.SUPPLY, LedgerKeys.FEES));
    logs.forEach(log -> keys.add(LedgerKeys.log(log)));
    for (int partition = 0; partition < partitions; partition++) {
      keys.add(LedgerKeys.holds(partition));
    }
    accounts.forEach(account -> keys.add(LedgerKeys.account(account)));
    Request request = Request.cmd(Command.EVAL).arg(SCRIPT).arg(keys.size());
    keys.forEach(request::arg);
    request.arg(logs.size()).arg(partitions);
    holds.forEach(hold -> request.arg(hold.partition() + 1).arg(hold.orderId()));
    return request;
  }

  private static LedgerPage page(
      Response reply,
      List<FlowPartition> logs,
      int partitions,
      List<String> accounts,
      List<LedgerPage.HoldKey> holds) {
    Map<FlowPartition, Long> marks = new HashMap<>();
    for (int i = 0; i < logs.size(); i++) {
      Response mark = reply.get(2).get(i);
      marks.put(logs.get(i), mark == null ? logs.get(i).flow().beforeFirst : mark.toLong());
    }
    Map<Integer, Long> lengths = new HashMap<>();
    for (int partition = 0; partition < partitions; partition++) {
      lengths.put(partition, reply.get(3).get(partition).toLong());
    }
    Map<String, Map<String, Balance>> balances = new TreeMap<>();
    for (int i = 0; i < accounts.size(); i++) {
      balances.put(accounts.get(i), ImageReader.balances(reply.get(6).get(i)));
    }
    Map<LedgerPage.HoldKey, LedgerPage.HoldFields> held = new HashMap<>();
    for (int i = 0; i < holds.size(); i++) {
      Response fields = reply.get(7).get(i);
      held.put(
          holds.get(i), new LedgerPage.HoldFields(number(fields.get(0)), number(fields.get(1))));
    }
    return new LedgerPage(
        text(reply.get(0)),
        text(reply.get(1)),
        marks,
        lengths,
        ImageReader.longs(reply.get(4)),
        ImageReader.longs(reply.get(5)),
        balances,
        held);
  }

  private static Long number(Response response) {
    return response == null ? null : Long.valueOf(response.toString());
  }

  private static String text(Response response) {
    return response == null ? "" : response.toString();
  }

  Future<Scanned> scanAccounts(String cursor, int count) {
    return redis
        .send(
            Command.SCAN,
            cursor,
            "MATCH",
            LedgerKeys.account("*"),
            "COUNT",
            Integer.toString(count))
        .map(reply -> {
          List<String> names = new ArrayList<>();
          reply.get(1).forEach(key -> names.add(LedgerKeys.accountOf(key.toString())));
          return new Scanned(reply.get(0).toString(), names);
        })
        .recover(PageReader::translate);
  }

  Future<Scanned> scanHolds(int partition, String cursor, int count) {
    return redis
        .send(Command.HSCAN, LedgerKeys.holds(partition), cursor, "COUNT", Integer.toString(count))
        .map(reply -> new Scanned(reply.get(0).toString(), orders(reply.get(1))))
        .recover(PageReader::translate);
  }

  /** How many holds are open: each has two fields. */
  Future<Long> countHolds(int partition) {
    return redis
        .send(Command.HLEN, LedgerKeys.holds(partition))
        .map(fields -> fields.toLong() / 2)
        .recover(PageReader::translate);
  }

  /** Each order once: it has two fields. */
  private static List<String> orders(Response fields) {
    LinkedHashSet<String> orders = new LinkedHashSet<>();
    for (int i = 0; i < fields.size(); i += 2) {
      String field = fields.get(i).toString();
      orders.add(
          field.endsWith(LedgerKeys.LEFT)
              ? field.substring(0, field.length() - LedgerKeys.LEFT.length())
              : field);
    }
    return List.copyOf(orders);
  }
}
