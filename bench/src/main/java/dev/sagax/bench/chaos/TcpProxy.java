package dev.sagax.bench.chaos;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * A TCP connection's way through this process, where it can be cut, held up or slowed down. Safe on
 * any thread.
 *
 * <pre>
 * OPEN -> cut -> CUT: connections are reset, new ones too -> heal -> OPEN
 * OPEN -> stall -> STALLED: nothing goes on, nobody is told -> heal -> OPEN
 * OPEN -> delay -> SLOW: every piece comes late -> heal -> OPEN
 * </pre>
 */
final class TcpProxy implements AutoCloseable {
  private static final int PIECE_BYTES = 64 << 10;
  private static final int CONNECT_MILLIS = 3_000;
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
  private static final InetAddress HERE = InetAddress.getLoopbackAddress();

  private enum State {
    OPEN,
    CUT,
    STALLED,
    SLOW
  }

  private final ServerSocket server;
  private final int target;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private volatile State state = State.OPEN;
  private volatile long delayMillis;

  /**
   * @param target the port on this machine that connections are passed on to
   */
  TcpProxy(int target) {
    this.target = target;
    try {
      this.server = new ServerSocket(0, 100, HERE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofPlatform().daemon().name("proxy-" + target).start(this::accept);
  }

  /** Where it listens. */
  int port() {
    return server.getLocalPort();
  }

  /** Resets every connection, and every new one until it is healed. */
  void cut() {
    state = State.CUT;
    sockets.forEach(TcpProxy::reset);
  }

  /** Passes nothing on until it is healed; connections stay. */
  void stall() {
    state = State.STALLED;
  }

  /** Passes everything on this much later, until it is healed. */
  void delay(long millis) {
    delayMillis = millis;
    state = State.SLOW;
  }

  void heal() {
    state = State.OPEN;
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket client = server.accept();
        Thread.startVirtualThread(() -> connect(client));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void connect(Socket client) {
    sockets.add(client);
    Socket upstream = new Socket();
    try {
      if (state == State.CUT) {
        throw new IOException("cut");
      }
      upstream.connect(new InetSocketAddress(HERE, target), CONNECT_MILLIS);
      client.setTcpNoDelay(true);
      upstream.setTcpNoDelay(true);
      sockets.add(upstream);
      if (state == State.CUT) {
        throw new IOException("cut");
      }
      AtomicInteger ended = new AtomicInteger();
      Thread.startVirtualThread(() -> pass(client, upstream, ended));
      Thread.startVirtualThread(() -> pass(upstream, client, ended));
    } catch (IOException away) {
      reset(client);
      reset(upstream);
      forget(client, upstream);
    }
  }

  /**
   * @param ended counts the directions that have come to their end
   */
  private void pass(Socket from, Socket to, AtomicInteger ended) {
    byte[] piece = new byte[PIECE_BYTES];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int read = in.read(piece); read >= 0; read = in.read(piece)) {
        holdUp();
        out.write(piece, 0, read);
      }
      to.shutdownOutput();
      if (ended.incrementAndGet() == 2) {
        from.close();
        to.close();
        forget(from, to);
      }
    } catch (IOException broken) {
      reset(from);
      reset(to);
      forget(from, to);
    }
  }

  private void holdUp() {
    if (state == State.SLOW) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(delayMillis));
    }
    while (state == State.STALLED) {
      LockSupport.parkNanos(LOOK_NANOS);
    }
  }

  private void forget(Socket one, Socket other) {
    sockets.remove(one);
    sockets.remove(other);
  }

  private static void reset(Socket socket) {
    try {
      socket.setSoLinger(true, 0);
      socket.close();
    } catch (IOException gone) {
      // It was closed by the other side, which is what we want.
    }
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    sockets.forEach(TcpProxy::reset);
  }
}
