package dev.sagax.bench.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TcpProxyTest {
  private static final int SOON_MILLIS = 200;
  private static final int LATE_MILLIS = 10_000;

  private ServerSocket echo;
  private TcpProxy proxy;

  @BeforeEach
  void start() throws IOException {
    echo = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::answerAll);
    proxy = new TcpProxy(echo.getLocalPort());
  }

  private void answerAll() {
    try {
      while (true) {
        Socket client = echo.accept();
        Thread.ofVirtual().start(() -> answer(client));
      }
    } catch (IOException closed) {
      // The test is over.
    }
  }

  private static void answer(Socket client) {
    try (client) {
      client.getInputStream().transferTo(client.getOutputStream());
    } catch (IOException reset) {
      // That is what a cut does.
    }
  }

  @AfterEach
  void stop() throws IOException {
    proxy.close();
    echo.close();
  }

  @Test
  void passesOnBothWaysAndTheEndToo() throws IOException {
    try (Socket client = connect()) {
      assertThat(asked(client, 7)).isEqualTo(7);

      client.shutdownOutput();

      assertThat(client.getInputStream().read()).isEqualTo(-1);
    }
  }

  @Test
  void cutResetsWhatIsConnectedAndWhatConnectsUntilItIsHealed() throws IOException {
    try (Socket before = connect()) {
      assertThat(asked(before, 7)).isEqualTo(7);

      proxy.cut();

      assertThatThrownBy(() -> asked(before, 8)).isInstanceOf(SocketException.class);
      try (Socket meanwhile = connect()) {
        assertThatThrownBy(() -> asked(meanwhile, 9)).isInstanceOf(SocketException.class);
      }
      proxy.heal();
      try (Socket after = connect()) {
        assertThat(asked(after, 10)).isEqualTo(10);
      }
    }
  }

  @Test
  void stallHoldsBackAndLosesNothing() throws IOException {
    try (Socket client = connect()) {
      proxy.stall();
      client.setSoTimeout(SOON_MILLIS);
      assertThatThrownBy(() -> asked(client, 7)).isInstanceOf(SocketTimeoutException.class);

      proxy.heal();

      client.setSoTimeout(LATE_MILLIS);
      assertThat(client.getInputStream().read()).isEqualTo(7);
    }
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
    socket.setSoTimeout(LATE_MILLIS);
    return socket;
  }

  /** Throws SocketException also where the end of a connection shows as its plain end. */
  private static int asked(Socket socket, int word) throws IOException {
    socket.getOutputStream().write(word);
    int answer = socket.getInputStream().read();
    if (answer < 0) {
      throw new SocketException("ended");
    }
    return answer;
  }
}
