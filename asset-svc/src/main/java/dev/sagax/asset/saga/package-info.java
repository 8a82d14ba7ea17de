/** asset-svc's part of the transfer saga: it asks for transfers and records how they ended. */
package dev.sagax.asset.saga;
