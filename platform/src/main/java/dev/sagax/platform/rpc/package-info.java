/**
 * The gRPC edge that all services share: who calls, what may fail and how, health and reflection.
 */
package dev.sagax.platform.rpc;
