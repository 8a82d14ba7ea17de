package dev.sagax.platform.rpc;

import io.netty.channel.Channel;
import io.netty.channel.ChannelPipeline;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.impl.HttpServerImpl;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.internal.VertxWrapper;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.impl.NetServerImpl;
import io.vertx.core.net.impl.NetServerInternal;
import java.util.function.Consumer;

/**
 * Makes HTTP servers that tell of a socket when it is accepted. Vert.x alone tells of a connection
 * once its client has begun to speak, and so never of one that says nothing.
 */
final class GuardedServer extends VertxWrapper {
  private final VertxInternal real;
  private final Consumer<Channel> accepted;

  private GuardedServer(VertxInternal real, Consumer<Channel> accepted) {
    super(real);
    this.real = real;
    this.accepted = accepted;
  }

  /**
   * @param accepted told of each socket, on its event loop, before anything is read from it; with
   *     TLS after the handshake, which has a time limit of its own
   */
  static HttpServer of(Vertx vertx, HttpServerOptions options, Consumer<Channel> accepted) {
    return new HttpServerImpl(new GuardedServer((VertxInternal) vertx, accepted), options);
  }

  @Override
  public NetServerInternal createNetServer(NetServerOptions options) {
    return new NetServerImpl(real, options.copy()) {
      @Override
      protected void initChannel(ChannelPipeline pipeline, boolean ssl) {
        super.initChannel(pipeline, ssl);
        accepted.accept(pipeline.channel());
      }
    };
  }
}
