/** The gRPC face of asset-svc: requests in, transfers and balances out. */
package dev.sagax.asset.api;
