/** The life of an order: what may be asked for, how it is decided, how it goes on and ends. */
package dev.sagax.order;
