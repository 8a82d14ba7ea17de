/** The platform's step loop alone, over a real broker and a real database. */
package dev.sagax.local.log;
