package dev.sagax.bench.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.bench.client.TlsServers;
import dev.sagax.local.DevTokens;
import io.grpc.Server;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** A replay goes to services with TLS, too. These have none of an exchange's methods. */
class ReplayTlsTest {
  @TempDir private Path folder;

  @Test
  void servicesWithTlsAreAskedByTheNamesOfTheirCertificates() throws Exception {
    X509Bundle certificate =
        new CertificateBuilder()
            .ecp256()
            .subject("CN=sagax")
            .setIsCertificateAuthority(true)
            .addSanDnsName("match-svc.exchange")
            .buildSelfSigned();
    Path ca = Files.writeString(folder.resolve("ca.crt"), certificate.getCertificatePEM());
    Server server = TlsServers.showing(certificate).build().start();
    try {
      assertThat(replay(server, "--ca", ca.toString(), "--authority", "SERVICE.exchange"))
          .contains("UNIMPLEMENTED");
      assertThat(replay(server, "--authority", "SERVICE.exchange")).contains("say --ca too");
    } finally {
      server.shutdownNow().awaitTermination();
    }
  }

  @Test
  void withoutATargetThereIsNobodyToSpeakTlsWith() {
    StringWriter said = new StringWriter();

    int status =
        new CommandLine(new ReplayCommand())
            .setErr(new PrintWriter(said, true))
            .execute(RecordedFiles.path("orders.csv").toString(), "--authority", "x");

    assertThat(said).asString().contains("are for --target");
    assertThat(status).isEqualTo(2);
  }

  private String replay(Server server, String... options) {
    Path key = folder.resolve("key.pem");
    DevTokens.load(key);
    String at = "127.0.0.1:" + server.getPort();
    List<String> all = new ArrayList<>(List.of(options));
    all.add(RecordedFiles.path("orders.csv").toString());
    all.addAll(List.of("--limit", "10", "--token-file", key.toString()));
    all.addAll(List.of("--target", "order=%1$s,match=%1$s,settle=%1$s,asset=%1$s".formatted(at)));
    StringWriter said = new StringWriter();
    PrintWriter out = new PrintWriter(said, true);
    int status =
        new CommandLine(new ReplayCommand())
            .setOut(out)
            .setErr(out)
            .execute(all.toArray(String[]::new));
    assertThat(status).isNotZero();
    return said.toString();
  }
}
