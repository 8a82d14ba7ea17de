package dev.sagax.local.e2e;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import com.google.rpc.Status;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;

/**
 * gRPC-Web as a page in a browser speaks it: HTTP/1.1, frames in the body, the trailers in the last
 * one.
 */
final class GrpcWeb implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String TEXT = "application/grpc-web-text";
  private static final int TRAILERS = 0x80;

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final String origin;
  private final String type;

  /**
   * @param origin the page's
   * @param type the content type, which says whether bodies are Base64
   */
  GrpcWeb(String origin, String type) {
    this.origin = origin;
    this.type = type;
  }

  /** What a browser asks before it sends a page's call. */
  HttpResponse<Void> preflight(int port, String method, String headers) {
    HttpRequest request =
        HttpRequest.newBuilder(uri(port, method))
            .timeout(PATIENCE)
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", headers)
            .method("OPTIONS", BodyPublishers.noBody())
            .build();
    return send(request, BodyHandlers.discarding());
  }

  /** A call of one message, whose answer comes as it is read. */
  <T extends Message> Answer<T> call(
      int port, String method, String token, Message message, Parser<T> parser) {
    byte[] frame = frame(message.toByteArray());
    HttpRequest request =
        HttpRequest.newBuilder(uri(port, method))
            .timeout(PATIENCE)
            .header("content-type", type)
            .header("accept", type)
            .header("x-grpc-web", "1")
            .header("origin", origin)
            .header("authorization", "Bearer " + token)
            .POST(BodyPublishers.ofByteArray(isText() ? Base64.getEncoder().encode(frame) : frame))
            .build();
    HttpResponse<InputStream> response = send(request, BodyHandlers.ofInputStream());
    InputStream body = isText() ? new Pieces(response.body()) : response.body();
    return new Answer<>(response, new DataInputStream(body), parser);
  }

  private boolean isText() {
    return type.startsWith(TEXT);
  }

  private static URI uri(int port, String method) {
    return URI.create("http://127.0.0.1:" + port + "/" + method);
  }

  private <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> handler) {
    try {
      return http.send(request, handler);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  private static byte[] frame(byte[] message) {
    return ByteBuffer.allocate(5 + message.length)
        .put((byte) 0)
        .putInt(message.length)
        .put(message)
        .array();
  }

  @Override
  public void close() {
    http.shutdownNow();
  }

  /** What comes back: messages, and then how the call ended. */
  static final class Answer<T extends Message> implements AutoCloseable {
    private final HttpResponse<InputStream> http;
    private final DataInputStream body;
    private final Parser<T> parser;
    private Map<String, String> trailers;

    private Answer(HttpResponse<InputStream> http, DataInputStream body, Parser<T> parser) {
      this.http = http;
      this.body = body;
      this.parser = parser;
    }

    HttpResponse<InputStream> http() {
      return http;
    }

    /** Waits for the next message. Fails as the call has failed. */
    T next() {
      T message = read();
      if (message == null) {
        throw failure();
      }
      return message;
    }

    /** The only message of a call that was answered with OK. */
    T only() {
      T message = next();
      if (read() != null || !trailers.get("grpc-status").equals("0")) {
        throw new AssertionError("One message and OK, but there was more: " + trailers);
      }
      return message;
    }

    /** The next message, null at the end; from then on there are trailers. */
    private T read() {
      try {
        int flag = body.read();
        if (flag < 0) {
          trailers = trailersOnly();
          return null;
        }
        byte[] payload = body.readNBytes(body.readInt());
        if (flag != TRAILERS) {
          return parser.parseFrom(payload);
        }
        trailers = trailers(new String(payload, StandardCharsets.US_ASCII));
      } catch (EOFException e) {
        throw new AssertionError("The answer has ended within a frame", e);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return null;
    }

    /** A call that has failed before there was a message may say so in the headers. */
    private Map<String, String> trailersOnly() {
      Map<String, String> trailers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
      http.headers().map().forEach((name, values) -> trailers.put(name, values.get(0)));
      if (!trailers.containsKey("grpc-status")) {
        throw new AssertionError("The answer has ended without trailers: " + trailers);
      }
      return trailers;
    }

    private static Map<String, String> trailers(String text) {
      Map<String, String> trailers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
      for (String line : text.lines().toList()) {
        int colon = line.indexOf(':');
        trailers.put(line.substring(0, colon).strip(), line.substring(colon + 1).strip());
      }
      return trailers;
    }

    private StatusRuntimeException failure() {
      byte[] details = Base64.getDecoder().decode(trailers.get("grpc-status-details-bin"));
      try {
        Status status = Status.parseFrom(details);
        if (!trailers.get("grpc-status").equals(Integer.toString(status.getCode()))) {
          throw new AssertionError(trailers + " but " + status);
        }
        return StatusProto.toStatusRuntimeException(status, new Metadata());
      } catch (InvalidProtocolBufferException e) {
        throw new AssertionError(e);
      }
    }

    /** Ends it, as a page does that is left. */
    @Override
    public void close() {
      try {
        body.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Base64 of pieces, each padded for itself. */
  private static final class Pieces extends InputStream {
    private static final int QUARTET = 4;

    private final InputStream text;
    private ByteBuffer decoded = ByteBuffer.allocate(0);

    private Pieces(InputStream text) {
      this.text = text;
    }

    @Override
    public int read() throws IOException {
      if (!decoded.hasRemaining()) {
        byte[] quartet = text.readNBytes(QUARTET);
        decoded = ByteBuffer.wrap(Base64.getDecoder().decode(quartet));
      }
      return decoded.hasRemaining() ? decoded.get() & 0xff : -1;
    }

    /** No more than what is there: what comes later belongs to a later message. */
    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      if (length == 0) {
        return 0;
      }
      int first = read();
      if (first < 0) {
        return -1;
      }
      into[offset] = (byte) first;
      return 1;
    }

    @Override
    public void close() throws IOException {
      text.close();
    }
  }
}
