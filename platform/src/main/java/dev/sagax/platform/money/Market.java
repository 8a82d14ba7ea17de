package dev.sagax.platform.money;

/**
 * A pair of assets that trade, with its rules.
 *
 * @param tickUnits prices are whole multiples of this, in quote units per one whole base unit
 * @param lotUnits quantities are whole multiples of this, in base units
 * @param minNotionalUnits the least price x quantity of an order, in quote units; 0 for none
 * @param partition where its records go in every topic of the order saga; never changes
 * @param makerBps fee of the resting side in basis points of what it receives
 * @param takerBps fee of the arriving side
 * @param bandBps how far from the last trade's price an order may trade, in basis points of that
 *     price; 0 for as far as it likes
 * @param referenceUnits the price that counts while there was no trade, in quote units per one
 *     whole base unit; 0 for none
 */
public record Market(
    String name,
    Asset base,
    Asset quote,
    long tickUnits,
    long lotUnits,
    long minNotionalUnits,
    int partition,
    int makerBps,
    int takerBps,
    int bandBps,
    long referenceUnits) {}
