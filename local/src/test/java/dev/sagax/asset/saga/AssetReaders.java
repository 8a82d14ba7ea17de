package dev.sagax.asset.saga;

import dev.sagax.platform.log.LogRecord;
import java.io.IOException;

/** How asset-svc's step reads its records. */
public final class AssetReaders {
  private AssetReaders() {}

  /** What it takes the record for; throws if it cannot read it. */
  public static Object read(LogRecord record) throws IOException {
    return switch (record.topic()) {
      case TRANSFER_REQUESTED -> TransferEvents.decodeRequested(record.value());
      case TRANSFER_COMPLETED, TRANSFER_REJECTED -> TransferEvents.decodeAnswer(record);
      default -> throw new IOException("It does not read " + record.topic());
    };
  }
}
