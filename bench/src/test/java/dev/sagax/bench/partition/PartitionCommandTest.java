package dev.sagax.bench.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.bench.client.TlsServers;
import dev.sagax.local.DevTokens;
import dev.sagax.proto.partition.v1.ListPartitionsRequest;
import dev.sagax.proto.partition.v1.ListPartitionsResponse;
import dev.sagax.proto.partition.v1.Partition;
import dev.sagax.proto.partition.v1.PartitionServiceGrpc;
import dev.sagax.proto.partition.v1.PartitionState;
import dev.sagax.proto.partition.v1.ResumePartitionRequest;
import dev.sagax.proto.partition.v1.ResumePartitionResponse;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What the command asks a service and how it shows the answers; the service is scripted. */
class PartitionCommandTest {
  @TempDir private static Path folder;
  private Server server;

  private record Run(int status, String out, String err) {}

  /** Partition 0 was not stopped, 1 is, all others belong to somebody else. */
  private static final class Scripted extends PartitionServiceGrpc.PartitionServiceImplBase {
    @Override
    public void listPartitions(
        ListPartitionsRequest request, StreamObserver<ListPartitionsResponse> answer) {
      answer.onNext(
          ListPartitionsResponse.newBuilder()
              .addPartitions(partition(0, PartitionState.PARTITION_STATE_RUNNING, ""))
              .addPartitions(
                  partition(1, PartitionState.PARTITION_STATE_STOPPED, "Record 7 cannot be read."))
              .build());
      answer.onCompleted();
    }

    @Override
    public void resumePartition(
        ResumePartitionRequest request, StreamObserver<ResumePartitionResponse> answer) {
      if (request.getPartition() > 1) {
        answer.onError(Status.FAILED_PRECONDITION.withDescription("Not here.").asException());
        return;
      }
      boolean stopped = request.getPartition() == 1;
      answer.onNext(
          ResumePartitionResponse.newBuilder()
              .setResumed(stopped)
              .setPartition(
                  partition(
                      request.getPartition(),
                      stopped
                          ? PartitionState.PARTITION_STATE_LOADING
                          : PartitionState.PARTITION_STATE_RUNNING,
                      ""))
              .build());
      answer.onCompleted();
    }

    private static Partition partition(int number, PartitionState state, String detail) {
      return Partition.newBuilder()
          .setService("match-svc")
          .setPartition(number)
          .setState(state)
          .setDetail(detail)
          .build();
    }
  }

  @BeforeEach
  void start() throws IOException {
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
            .addService(new Scripted())
            .build()
            .start();
  }

  @AfterEach
  void stop() {
    server.shutdownNow();
  }

  @Test
  void listHasALineForEachPartitionOfEachServiceThatAnswers() {
    Run run = partition("list");

    assertThat(run.err).isEmpty();
    assertThat(run.out.lines().distinct())
        .containsExactly(
            "match-svc    0  RUNNING", "match-svc    1  STOPPED  Record 7 cannot be read.");
    assertThat(run.out.lines()).hasSize(8);
    assertThat(run.status).isZero();
  }

  @Test
  void resumeSaysWhetherThePartitionWasStopped() {
    assertThat(partition("resume", "match-svc", "1").out)
        .isEqualToNormalizingNewlines("It goes on:\nmatch-svc    1  LOADING\n");
    assertThat(partition("resume", "match-svc", "0").out)
        .isEqualToNormalizingNewlines("It was not stopped:\nmatch-svc    0  RUNNING\n");
  }

  @Test
  void whatCannotBeResumedFailsAndMisuseIsTold() {
    assertThat(partition("resume", "match-svc", "2"))
        .satisfies(run -> assertThat(run.status).isEqualTo(1))
        .satisfies(run -> assertThat(run.err).contains("Not here."));
    assertThat(partition("resume", "nobody", "1"))
        .satisfies(run -> assertThat(run.status).isEqualTo(2))
        .satisfies(run -> assertThat(run.err).contains("match-svc", "nobody"));
    assertThat(partition("resume", "match-svc").status).isEqualTo(2);
    assertThat(partition().err).contains("list or resume");
  }

  /** Port-forwards lead to it, so it is not called as its certificate says. */
  @Test
  void servicesWithTlsAreAskedByTheNamesOfTheirCertificates() throws Exception {
    stop();
    X509Bundle certificate = certificate();
    Path ca = Files.writeString(folder.resolve("ca.crt"), certificate.getCertificatePEM());
    Path other = Files.writeString(folder.resolve("other.crt"), certificate().getCertificatePEM());
    Path none = Files.writeString(folder.resolve("none.crt"), "no certificate");
    server = TlsServers.showing(certificate).addService(new Scripted()).build().start();
    String names = "sagax-SERVICE.exchange.svc.cluster.local";

    Run run = partition("list", "--ca", ca.toString(), "--authority", names);

    assertThat(run.err).isEmpty();
    assertThat(run.out.lines()).hasSize(8);
    assertThat(partition("list", "--ca", ca.toString()).err).contains("for another name");
    assertThat(partition("list", "--ca", other.toString(), "--authority", names).err)
        .contains("of no CA in --ca");
    assertThat(partition("list").status).isEqualTo(1);
    assertThat(partition("list", "--authority", names))
        .satisfies(misused -> assertThat(misused.err).contains("say --ca too"))
        .satisfies(misused -> assertThat(misused.status).isEqualTo(2));
    assertThat(partition("list", "--ca", none.toString()).err).contains("holds no certificate");
    assertThat(partition("list", "--ca", "nowhere.crt").err).contains("nowhere.crt cannot be read");
  }

  private static X509Bundle certificate() throws Exception {
    CertificateBuilder builder =
        new CertificateBuilder().ecp256().subject("CN=sagax").setIsCertificateAuthority(true);
    for (String service : List.of("order-svc", "match-svc", "settle-svc", "asset-svc")) {
      builder.addSanDnsName("sagax-" + service + ".exchange.svc.cluster.local");
    }
    return builder.buildSelfSigned();
  }

  private Run partition(String... arguments) {
    Path key = folder.resolve("key.pem");
    DevTokens.load(key);
    String at = "127.0.0.1:" + server.getPort();
    String target = "order=%1$s,match=%1$s,settle=%1$s,asset=%1$s".formatted(at);
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine command =
        new CommandLine(new PartitionCommand())
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true));
    List<String> all = new ArrayList<>(List.of(arguments));
    if (!all.isEmpty()) {
      all.addAll(List.of("--target", target, "--token-file", key.toString()));
    }
    int status = command.execute(all.toArray(String[]::new));
    return new Run(status, out.toString(), err.toString());
  }
}
