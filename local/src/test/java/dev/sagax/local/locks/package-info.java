/** Certificates, users and roles of an exchange whose parts do not trust each other blindly. */
package dev.sagax.local.locks;
