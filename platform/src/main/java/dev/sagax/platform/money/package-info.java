/**
 * Assets, markets and the exact integer arithmetic of money. Nothing here rounds unless its name
 * says how.
 */
package dev.sagax.platform.money;
