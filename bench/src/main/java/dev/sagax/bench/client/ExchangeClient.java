package dev.sagax.bench.client;

import dev.sagax.platform.rpc.Scope;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * One connection to each of the four services of an exchange. What listens to the answer of a call
 * that is not waited for runs on the connection's own thread, and so must not block.
 */
public final class ExchangeClient implements AutoCloseable {
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
  private static final int MAX_REPLY_BYTES = 64 << 20;

  /** Fixed, because finding it out takes a ping with nearly every reply. */
  private static final int FLOW_CONTROL_WINDOW_BYTES = 4 << 20;

  private static final long CLOSE_SECONDS = 5;

  private final ManagedChannel order;
  private final ManagedChannel match;
  private final ManagedChannel settle;
  private final ManagedChannel asset;
  private final TokenSource tokens;

  public ExchangeClient(RunningExchange exchange) {
    this(exchange.targets(), exchange.transport(), exchange.tokens());
  }

  public ExchangeClient(Targets targets, TokenSource tokens) {
    this(targets, Transport.PLAIN, tokens);
  }

  ExchangeClient(Targets targets, Transport transport, TokenSource tokens) {
    this.order = connect(transport.builder("order-svc", targets.order()));
    this.match = connect(transport.builder("match-svc", targets.match()));
    this.settle = connect(transport.builder("settle-svc", targets.settle()));
    this.asset = connect(transport.builder("asset-svc", targets.asset()));
    this.tokens = tokens;
  }

  private static ManagedChannel connect(NettyChannelBuilder builder) {
    return builder
        .directExecutor()
        .flowControlWindow(FLOW_CONTROL_WINDOW_BYTES)
        .maxInboundMessageSize(MAX_REPLY_BYTES)
        .build();
  }

  /** The services as one account sees them. */
  public Session as(String account, Set<Scope> scopes) {
    Metadata headers = new Metadata();
    headers.put(AUTHORIZATION, "Bearer " + tokens.token(account, scopes));
    Function<Channel, Channel> authorized =
        channel ->
            ClientInterceptors.intercept(
                channel, MetadataUtils.newAttachHeadersInterceptor(headers));
    return new Session(
        authorized.apply(order),
        authorized.apply(match),
        authorized.apply(settle),
        authorized.apply(asset));
  }

  /** Tries to connect again at once where a service has been away, instead of after a pause. */
  public void reconnect() {
    all().forEach(ManagedChannel::resetConnectBackoff);
  }

  private List<ManagedChannel> all() {
    return List.of(order, match, settle, asset);
  }

  @Override
  public void close() {
    all().forEach(ManagedChannel::shutdownNow);
    try {
      for (ManagedChannel channel : all()) {
        channel.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
