package dev.sagax.platform.rpc;

import com.google.protobuf.Message;
import io.vertx.core.buffer.Buffer;
import io.vertx.grpc.common.CodecException;
import io.vertx.grpc.common.GrpcMessage;
import io.vertx.grpc.common.GrpcMessageDecoder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.zip.GZIPInputStream;

/** Reads one message of a method out of its frame: unpacked within the size limit, then decoded. */
final class MessageReader<Q extends Message> {
  /** The most bytes that a message may have, packed and unpacked. */
  static final int MAX_BYTES = 256 * 1024;

  /**
   * Stands in {@code grpc-encoding} where the client names none, since the Vert.x deframer throws
   * over a compressed message without a named encoding.
   */
  static final String UNNAMED = "unnamed";

  private final GrpcMessageDecoder<Q> decoder;

  MessageReader(GrpcMessageDecoder<Q> decoder) {
    this.decoder = decoder;
  }

  static boolean knows(String encoding) {
    return encoding == null
        || encoding.equals(UNNAMED)
        || encoding.equals("identity")
        || encoding.equals("gzip");
  }

  Q read(GrpcMessage frame) {
    GrpcMessage plain =
        switch (frame.encoding()) {
          case "identity" -> frame;
          case "gzip" ->
              GrpcMessage.message("identity", frame.format(), unzip(frame.payload().getBytes()));
          default ->
              throw new FailureException(
                  Failures.malformed(
                      "The message is compressed, but the header grpc-encoding does not say how."));
        };
    try {
      return decoder.decode(plain);
    } catch (CodecException e) {
      throw new FailureException(
          Failures.malformed("The bytes are not a message of the method's request type."));
    }
  }

  private static Buffer unzip(byte[] zipped) {
    try (var in = new GZIPInputStream(new ByteArrayInputStream(zipped))) {
      byte[] plain = in.readNBytes(MAX_BYTES + 1);
      if (plain.length > MAX_BYTES) {
        throw new FailureException(Failures.tooLarge());
      }
      return Buffer.buffer(plain);
    } catch (IOException e) {
      throw new FailureException(Failures.malformed("The message is not what gzip packs."));
    }
  }
}
