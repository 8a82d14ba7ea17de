/** How the exchange says no: refusals are values with a reason from one closed list. */
package dev.sagax.platform.refusal;
