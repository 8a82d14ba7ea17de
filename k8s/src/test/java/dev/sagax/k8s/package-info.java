/** The chart in {@code k8s/sagax} as Kubernetes and the services would see it. */
package dev.sagax.k8s;
