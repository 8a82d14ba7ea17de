package dev.sagax.match;

import dev.sagax.match.book.Side;
import java.math.BigInteger;

/**
 * A price level as it is after a change.
 *
 * @param price quote units per one whole base unit
 * @param quantity all that rests there, in base units; 0: nothing any more. The sum of many orders
 *     may exceed a long
 */
public record LevelChange(Side side, long price, BigInteger quantity, int orders) {}
