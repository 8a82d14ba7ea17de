package dev.sagax.platform.rpc;

import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import dev.sagax.platform.refusal.RefusedException;

/** How many items a list shows at once. */
public final class PageSize {
  private PageSize() {}

  /**
   * @param asked what the request's field {@code page_size} says
   * @throws RefusedException INVALID_PAGE_SIZE below 0 or above {@code most}
   */
  public static int of(int asked, int byDefault, int most) {
    if (asked < 0 || asked > most) {
      throw Refusal.ofField(
              Reason.INVALID_PAGE_SIZE,
              "page_size",
              "Expected 0 to %d, but got %d.".formatted(most, asked))
          .asException();
    }
    return asked == 0 ? byDefault : asked;
  }
}
