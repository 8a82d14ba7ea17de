package dev.sagax.platform.rpc;

import io.vertx.core.Vertx;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A way to a server that can be cut without either side being told. */
final class PulledCable {
  private final List<NetSocket> ends = new CopyOnWriteArrayList<>();
  private final NetClient client;
  private final NetServer server;
  private volatile boolean pulled;

  /** Where clients connect to. */
  final int port;

  PulledCable(Vertx vertx, int target) throws Exception {
    client = vertx.createNetClient();
    server =
        vertx
            .createNetServer()
            .connectHandler(near -> {
              near.pause();
              client.connect(target, "127.0.0.1").onSuccess(far -> join(near, far));
            });
    port = RunningEdge.await(server.listen(0, "127.0.0.1")).actualPort();
  }

  private void join(NetSocket near, NetSocket far) {
    near.handler(far::write);
    far.handler(near::write);
    near.closeHandler(v -> far.close());
    far.closeHandler(v -> near.close());
    ends.add(near);
    ends.add(far);
    if (pulled) {
      far.pause();
    } else {
      near.resume();
    }
  }

  void pull() {
    pulled = true;
    ends.forEach(NetSocket::pause);
  }

  void plug() {
    pulled = false;
    ends.forEach(NetSocket::resume);
  }
}
