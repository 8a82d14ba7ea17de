package dev.sagax.bench.chaos;

import dev.sagax.bench.client.ExchangeClient;
import dev.sagax.bench.client.Session;
import dev.sagax.bench.client.Targets;
import dev.sagax.bench.client.TokenSource;
import dev.sagax.platform.rpc.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Everybody who calls the exchange, with a connection to every replica. Safe on any thread. */
final class Clients implements AutoCloseable {
  private static final Set<Scope> CUSTOMER = Set.of(Scope.READ, Scope.TRADE, Scope.TRANSFER);

  private final List<Replica> replicas = new ArrayList<>();

  private record Replica(ExchangeClient client, Session operator, Map<String, Session> customers) {}

  /**
   * @param replicas where each replica of the four services listens
   */
  Clients(List<Targets> replicas, TokenSource tokens) {
    for (Targets targets : replicas) {
      ExchangeClient client = new ExchangeClient(targets, tokens);
      Session operator = client.as("operator", Set.of(Scope.OPERATOR));
      this.replicas.add(new Replica(client, operator, new ConcurrentHashMap<>()));
    }
  }

  int replicas() {
    return replicas.size();
  }

  /** A customer at a replica; any number will do, they take turns. */
  Session customer(int turn, String account) {
    Replica replica = replica(turn);
    return replica.customers.computeIfAbsent(account, name -> replica.client.as(name, CUSTOMER));
  }

  Session operator(int turn) {
    return replica(turn).operator;
  }

  /** Connects again at once instead of after a growing pause. */
  void reconnect(int turn) {
    replica(turn).client.reconnect();
  }

  private Replica replica(int turn) {
    return replicas.get(Math.floorMod(turn, replicas.size()));
  }

  @Override
  public void close() {
    replicas.forEach(replica -> replica.client.close());
  }
}
