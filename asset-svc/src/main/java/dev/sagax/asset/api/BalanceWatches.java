package dev.sagax.asset.api;

import dev.sagax.asset.AccountBooks;
import dev.sagax.asset.AccountEntry;
import dev.sagax.asset.Statement;
import dev.sagax.platform.rpc.Call;
import dev.sagax.platform.rpc.Deadline;
import dev.sagax.platform.rpc.StreamSink;
import dev.sagax.proto.asset.v1.BalanceHeartbeat;
import dev.sagax.proto.asset.v1.BalanceSnapshot;
import dev.sagax.proto.asset.v1.WatchBalancesRequest;
import dev.sagax.proto.asset.v1.WatchBalancesResponse;
import io.vertx.core.Vertx;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code WatchBalances}: an account's statement, told as it grows. Where each stream stands is a
 * place in the ledger's journal, so no stream depends on what this process has seen. The logs only
 * say whose statement to look at again; what they do not say, or what is lost, is found by looking
 * at all of them now and then. Lives on one event loop.
 */
public final class BalanceWatches {
  private static final Logger LOG = LoggerFactory.getLogger(BalanceWatches.class);

  /** What moves an account in so many milliseconds is read at once. */
  private static final long GATHER_MILLIS = 10;

  private static final long LOOK_AT_ALL_MILLIS = 5_000;
  private static final long READ_MILLIS = 5_000;
  private static final int PAGE = 50;

  private final Vertx vertx;
  private final AccountBooks books;
  private final AssetMapper mapper;
  private final Map<String, Set<Watch>> watches = new HashMap<>();
  private final Set<String> moved = new HashSet<>();
  private boolean lookingAtAll;

  BalanceWatches(Vertx vertx, AccountBooks books, AssetMapper mapper) {
    this.vertx = vertx;
    this.books = books;
    this.mapper = mapper;
  }

  void open(Call call, WatchBalancesRequest request, StreamSink<WatchBalancesResponse> sink) {
    books
        .now(
            call.account(), Deadline.of(call.timeoutMillis()).within(READ_MILLIS).remainingMillis())
        .map(now -> start(call.account(), request.getCursor(), now, sink))
        .onFailure(sink::fail);
  }

  private Void start(
      String account, String cursor, Statement now, StreamSink<WatchBalancesResponse> sink) {
    if (cursor.isEmpty()) {
      sink.write(snapshot(account, now));
      return watch(new Watch(account, now, sink));
    }
    return watch(new Watch(account, StatementToken.readCursor(account, cursor, now), sink));
  }

  private WatchBalancesResponse snapshot(String account, Statement now) {
    BalanceSnapshot.Builder balances = BalanceSnapshot.newBuilder();
    new TreeMap<>(now.balances())
        .values().stream().map(mapper::balance).forEach(balances::addBalances);
    return message(account, now).setSnapshot(balances).build();
  }

  private Void watch(Watch watch) {
    if (watch.sink.isClosed()) {
      return null;
    }
    if (!lookingAtAll) {
      lookingAtAll = true;
      vertx.setTimer(LOOK_AT_ALL_MILLIS, timer -> lookAtAll());
    }
    watches.computeIfAbsent(watch.account, a -> new HashSet<>()).add(watch);
    watch.sink.onClosed(() -> forget(watch));
    watch.sink.onDrain(watch::look);
    watch.sink.heartbeat(watch::heartbeat);
    watch.look();
    return null;
  }

  private void forget(Watch watch) {
    watches.computeIfPresent(
        watch.account,
        (account, all) -> {
          all.remove(watch);
          return all.isEmpty() ? null : all;
        });
  }

  private void lookAtAll() {
    lookingAtAll = !watches.isEmpty();
    if (lookingAtAll) {
      watches.values().forEach(all -> List.copyOf(all).forEach(Watch::look));
      vertx.setTimer(LOOK_AT_ALL_MILLIS, timer -> lookAtAll());
    }
  }

  /** Whether anybody watches, so that it is worth reading whom a record is about. */
  public boolean isEmpty() {
    return watches.isEmpty();
  }

  /** The journal may have more of this account. */
  public void moved(String account) {
    if (watches.containsKey(account) && moved.add(account)) {
      vertx.setTimer(
          GATHER_MILLIS,
          timer -> {
            moved.remove(account);
            List.copyOf(watches.getOrDefault(account, Set.of())).forEach(Watch::look);
          });
    }
  }

  private static WatchBalancesResponse.Builder message(String account, Statement statement) {
    return WatchBalancesResponse.newBuilder().setCursor(StatementToken.of(account, statement));
  }

  /** One client's stream. */
  private final class Watch {
    private final String account;
    private final StreamSink<WatchBalancesResponse> sink;
    private Statement statement;
    private boolean reading;
    private boolean again;

    Watch(String account, Statement statement, StreamSink<WatchBalancesResponse> sink) {
      this.account = account;
      this.statement = statement;
      this.sink = sink;
    }

    /** Tells what has come since, as far as the client takes it. */
    void look() {
      if (sink.isClosed() || sink.isFull()) {
        return;
      }
      if (reading) {
        again = true;
        return;
      }
      reading = true;
      again = false;
      books
          .entries(account, statement, PAGE, READ_MILLIS)
          .onSuccess(this::tell)
          .onFailure(this::lookLater);
    }

    private void tell(List<AccountEntry> entries) {
      reading = false;
      for (AccountEntry entry : entries) {
        statement = statement.after(entry);
        sink.write(message(account, statement).setEntry(mapper.entry(entry, statement)).build());
      }
      if (again || entries.size() == PAGE) {
        look();
      }
    }

    private void lookLater(Throwable failure) {
      reading = false;
      LOG.atWarn()
          .addKeyValue("account", account)
          .log("The balances are looked at again later: {}", failure.toString());
    }

    private WatchBalancesResponse heartbeat() {
      return message(account, statement)
          .setHeartbeat(BalanceHeartbeat.getDefaultInstance())
          .build();
    }
  }
}
