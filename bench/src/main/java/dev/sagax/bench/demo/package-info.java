/** The guided tour: one order of every kind, with every figure checked. */
package dev.sagax.bench.demo;
