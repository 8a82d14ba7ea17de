package dev.sagax.platform.tls;

import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.SSLException;

/** Says what to do about a handshake that failed; what the JDK says needs somebody who knows it. */
public final class TlsAdvice {
  private static final int MAX_CAUSES = 16;

  private TlsAdvice() {}

  /**
   * A sentence with the cause and the cure, if it is the certificates that keep two from talking,
   * which does not pass by itself.
   *
   * @param who speaks at the other end, as a sentence goes on: "Redis", "the peer"
   * @param trust the setting that says which CAs to believe
   */
  public static Optional<String> of(Throwable failure, String who, String trust) {
    boolean secured = false;
    int depth = 0;
    StringBuilder said = new StringBuilder();
    for (Throwable t = failure; t != null && depth++ < MAX_CAUSES; t = t.getCause()) {
      switch (t) {
        case CertificateExpiredException ended -> {
          return Optional.of(
              "the certificate of %s has expired: renew it there (%s)"
                  .formatted(who, ended.getMessage()));
        }
        case CertificateNotYetValidException early -> {
          return Optional.of(
              "the certificate of %s is not valid yet: check the clocks (%s)"
                  .formatted(who, early.getMessage()));
        }
        case SSLException handshake -> secured = true;
        case CertificateException certificate -> secured = true;
        case CertPathValidatorException path -> secured = true;
        default -> {}
      }
      said.append(' ').append(t.getMessage());
    }
    return secured
        ? Optional.ofNullable(advice(said.toString().toLowerCase(Locale.ROOT), who, trust, failure))
        : Optional.empty();
  }

  /** Null for what is nobody's fault. */
  private static String advice(String said, String who, String trust, Throwable failure) {
    if (said.contains("unable to find valid certification path")
        || said.contains("path validation failed")
        || said.contains("path does not chain")
        || said.contains("no trust anchor")) {
      return "the certificate of %s is of no CA in %s: set %s to the CA that issued it"
          .formatted(who, trust, trust);
    }
    if (said.contains("subject alternative") || said.contains("no name matching")) {
      return "the certificate of %s is for another name than the one it is called by: %s"
          .formatted(who, failure.getMessage());
    }
    if (said.contains("not an ssl/tls record") || said.contains("unrecognized ssl message")) {
      return "%s speaks no TLS there: check the port, or turn TLS off for it".formatted(who);
    }
    if (said.contains("certificate_required") || said.contains("bad_certificate")) {
      return "%s wants a client certificate, and we show none that it takes".formatted(who);
    }
    if (said.contains("unknown_ca") || said.contains("certificate_unknown")) {
      return "%s does not believe the CA of our certificate".formatted(who);
    }
    if (said.contains("certificate_expired")) {
      return "our certificate has expired: %s turns it away".formatted(who);
    }
    return null; // broken off midway, for instance: that passes
  }
}
