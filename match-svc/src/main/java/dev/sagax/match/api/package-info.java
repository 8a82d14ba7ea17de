/** Public facts of the markets over gRPC. */
package dev.sagax.match.api;
