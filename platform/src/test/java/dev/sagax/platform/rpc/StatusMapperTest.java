package dev.sagax.platform.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import io.vertx.core.VertxException;
import io.vertx.pgclient.PgException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class StatusMapperTest {

  static Stream<Throwable> faults() {
    return Stream.of(
        new IOException("Connection reset by peer"), // of a write that the kernel refused
        new IOException("Broken pipe"),
        new SocketException("Connection reset"),
        new ConnectException("Connection refused"),
        new UnknownHostException("redis"),
        new ClosedChannelException(),
        new TimeoutException(),
        new VertxException("Connection is not active now, current status: CLOSED"),
        new PgException("the database system is starting up", "FATAL", "57P03", ""),
        new PgException("deadlock detected", "ERROR", "40P01", ""),
        new IllegalStateException("Loading failed.", new IOException("Connection reset by peer")));
  }

  static Stream<Throwable> bugs() {
    return Stream.of(
        new IllegalStateException("This cannot be."),
        new NullPointerException(),
        new InvalidProtocolBufferException("A stored record is broken."),
        new NoSuchFileException("markets.yaml"),
        new PgException("division by zero", "ERROR", "22012", ""));
  }

  @ParameterizedTest
  @MethodSource("faults")
  void whatAnotherTryMayFindMendedIsUnavailable(Throwable fault) {
    assertThat(failureOf(fault)).isEqualTo(Reason.DEPENDENCY_UNAVAILABLE);
  }

  @ParameterizedTest
  @MethodSource("bugs")
  void bugIsInternal(Throwable bug) {
    assertThat(failureOf(bug)).isEqualTo(Reason.INTERNAL);
  }

  @ParameterizedTest
  @MethodSource("faults")
  void refusalStaysWhatItIsWhateverItIsIn(Throwable around) {
    Refusal refusal = Refusal.of(Reason.OVERLOADED, "Too much.");
    assertThat(failureOf(new IllegalStateException(around.toString(), refusal.asException())))
        .isEqualTo(Reason.OVERLOADED);
  }

  private static Reason failureOf(Throwable thrown) {
    return StatusMapper.failureOf(thrown, "a.Service/Method", "r-1").refusal().reason();
  }
}
