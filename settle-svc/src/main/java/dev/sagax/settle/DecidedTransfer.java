package dev.sagax.settle;

/** A transfer as first recorded, with the ledger's decision. */
public record DecidedTransfer(Transfer transfer, Verdict.OfTransfer verdict) {}
