package dev.sagax.local.e2e;

import dev.sagax.local.LocalExchange;
import dev.sagax.platform.rpc.Scope;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.function.IntFunction;
import java.util.stream.Stream;

/** Ways into one process of each service, by its ports. */
final class PortClients implements Clients, AutoCloseable {
  private final ManagedChannel order;
  private final ManagedChannel match;
  private final ManagedChannel settle;
  private final ManagedChannel asset;
  private final BiFunction<String, Set<Scope>, String> tokens;
  private final AtomicInteger accounts;

  /**
   * @param tokens makes one of an account
   * @param accounts counts those that were made, also by others
   */
  PortClients(
      LocalExchange.Ports ports,
      BiFunction<String, Set<Scope>, String> tokens,
      AtomicInteger accounts) {
    this(ports, PortClients::plain, tokens, accounts);
  }

  /**
   * @param channels opens one to a port
   */
  PortClients(
      LocalExchange.Ports ports,
      IntFunction<ManagedChannel> channels,
      BiFunction<String, Set<Scope>, String> tokens,
      AtomicInteger accounts) {
    this.order = channels.apply(ports.order());
    this.match = channels.apply(ports.match());
    this.settle = channels.apply(ports.settle());
    this.asset = channels.apply(ports.asset());
    this.tokens = tokens;
    this.accounts = accounts;
  }

  private static ManagedChannel plain(int port) {
    return NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
  }

  @Override
  public ManagedChannel order() {
    return order;
  }

  @Override
  public ManagedChannel match() {
    return match;
  }

  @Override
  public ManagedChannel settle() {
    return settle;
  }

  @Override
  public ManagedChannel asset() {
    return asset;
  }

  @Override
  public String token(String account, Scope... scopes) {
    return tokens.apply(account, Set.of(scopes));
  }

  @Override
  public Trader trader(String name) {
    return new Trader(this, name + "-" + accounts.incrementAndGet());
  }

  @Override
  public void close() {
    Stream.of(order, match, settle, asset).forEach(ManagedChannel::shutdownNow);
  }
}
