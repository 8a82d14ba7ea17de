package dev.sagax.settle;

/** One partition of a flow: what has a position. */
public record FlowPartition(Flow flow, int partition) {

  @Override
  public String toString() {
    return flow.word + ":" + partition;
  }
}
