/** The ledger over gRPC, for the other services and for operators. */
package dev.sagax.settle.api;
