package dev.sagax.platform.rpc;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.rpc.ErrorInfo;
import dev.sagax.local.e2e.Eventually;
import dev.sagax.local.locks.DevCa;
import dev.sagax.platform.tls.TlsFiles;
import dev.sagax.platform.tls.TlsWatch;
import dev.sagax.proto.ledger.v1.AuditRequest;
import dev.sagax.proto.ledger.v1.AuditResponse;
import dev.sagax.proto.ledger.v1.GetBalancesRequest;
import dev.sagax.proto.ledger.v1.GetBalancesResponse;
import dev.sagax.proto.ledger.v1.LedgerServiceGrpc;
import dev.sagax.proto.ledger.v1.LedgerServiceGrpcClient;
import dev.sagax.proto.ledger.v1.LedgerServiceGrpcService;
import io.grpc.CallCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.StatusProto;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The edge with TLS on: who may come, and what those hear who may not. */
class SecuredEdgeTest {
  private static final String HOST = "127.0.0.1";
  private static final long LOOK_MILLIS = 50;

  @TempDir static Path keys;
  @TempDir Path folder;
  private static Tokens tokens;
  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(4));
  private final ServiceHealth health = new ServiceHealth(vertx);
  private final List<ManagedChannel> channels = new ArrayList<>();
  private final List<TlsWatch> watches = new ArrayList<>();
  private DevCa ours;
  private DevCa strangers;
  private TlsWatch orders;
  private GrpcEdge edge;
  private int port;

  /** One key for all: to find one takes longer than most tests. */
  @BeforeAll
  static void findKey() throws Exception {
    tokens = Tokens.ofKeyFile(keys.resolve("key.pem"));
  }

  @BeforeEach
  void start() throws Exception {
    ours = new DevCa(folder, "ours");
    strangers = new DevCa(folder.resolve("strangers"), "strangers");
    orders = watch(ours.issue("order-svc"));
    edge = edgeOver(watch(ours.issue("settle-svc")));
    port = await(edge.listen(HOST, 0));
  }

  @AfterEach
  void stop() throws Exception {
    channels.forEach(ManagedChannel::shutdownNow);
    watches.forEach(TlsWatch::close);
    await(edge.close());
    await(vertx.close());
  }

  private TlsWatch watch(TlsFiles files) {
    TlsWatch watch = TlsWatch.start(vertx, files, LOOK_MILLIS);
    watches.add(watch);
    return watch;
  }

  private GrpcEdge edgeOver(TlsWatch certificates) {
    return new GrpcEdge(
            vertx, Access.ofOwn(tokens), RateLimits.none(), health, EdgeSettings.DEFAULT)
        .over(certificates)
        .unary(
            LedgerServiceGrpcService.GetBalances,
            (Call call, GetBalancesRequest request) ->
                Future.succeededFuture(GetBalancesResponse.getDefaultInstance()))
        .unary(
            LedgerServiceGrpcService.Audit,
            (Call call, AuditRequest request) ->
                Future.succeededFuture(AuditResponse.newBuilder().setConserved(true).build()));
  }

  // ---- clients from outside

  @Test
  void clientNeedsNoCertificate() throws Exception {
    assertThat(ledger(Scope.OPERATOR).audit(AuditRequest.getDefaultInstance()).getConserved())
        .isTrue();
  }

  @Test
  void clientWithoutTlsGetsNowhere() {
    ManagedChannel plain = NettyChannelBuilder.forAddress(HOST, port).usePlaintext().build();
    channels.add(plain);

    StatusRuntimeException failure =
        catchThrowableOfType(
            StatusRuntimeException.class,
            () ->
                HealthGrpc.newBlockingStub(plain)
                    .withDeadlineAfter(30, TimeUnit.SECONDS)
                    .check(HealthCheckRequest.getDefaultInstance()));

    assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
  }

  @Test
  void jsonComesByTheSamePort() throws Exception {
    HttpClient client = HttpClient.newBuilder().sslContext(believing(ours.file())).build();
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create("https://127.0.0.1:" + port + "/sagax.ledger.v1.LedgerService/Audit"))
            .header("content-type", "application/json")
            .header("authorization", "Bearer " + token(Scope.OPERATOR))
            .POST(HttpRequest.BodyPublishers.ofString("{}"))
            .build();

    HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.version()).as("by ALPN").isEqualTo(HttpClient.Version.HTTP_2);
    assertThat(answer.body()).contains("\"conserved\"");
  }

  // ---- services

  @Test
  void serviceIsLetInWithItsCertificate() throws Exception {
    RpcChannel channel = channel(port, Optional.of(orders));

    assertThat(await(ask(channel))).isEqualTo(GetBalancesResponse.getDefaultInstance());
  }

  @Test
  void aServicesTokenAloneIsNotEnough() throws Exception {
    StatusRuntimeException failure =
        catchThrowableOfType(
            StatusRuntimeException.class,
            () -> ledger(Scope.SERVICE).getBalances(GetBalancesRequest.getDefaultInstance()));

    assertThat(failure).as("the call's failure").isNotNull();
    assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
    assertThat(StatusProto.fromThrowable(failure).getDetailsList())
        .filteredOn(detail -> detail.is(ErrorInfo.class))
        .extracting(detail -> detail.unpack(ErrorInfo.class).getReason())
        .containsExactly("CLIENT_CERTIFICATE_MISSING");
    assertThat(failure.getStatus().getDescription())
        .contains("tls.certificate and tls.key of the calling service");
  }

  @Test
  void certificateAloneIsNotEnoughEither() throws Exception {
    TlsWatch certificate = orders;
    RpcChannel channel =
        new RpcChannel(
            vertx,
            List.of(new PeerAddress(HOST, port)),
            () -> token(Scope.READ),
            Optional.of(certificate));

    assertFailure(ask(channel)).hasMessageContaining("PERMISSION_DENIED");
  }

  /** Java shows a server no certificate of a CA that the server has not named. */
  @Test
  void certificateOfAStrangersCaIsAsGoodAsNone() {
    TlsFiles strange = strangers.issue("order-svc");
    TlsFiles believesOurs = new TlsFiles(strange.certificate(), strange.key(), ours.file());

    assertFailure(ask(channel(port, Optional.of(watch(believesOurs)))))
        .hasMessageContaining("UNAUTHENTICATED")
        .hasMessageContaining("shows none");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whoShowsAWrongCertificateAllTheSameIsTurnedAway(boolean expired) throws Exception {
    TlsFiles wrong = expired ? ours.issueExpired("asset-svc") : strangers.issue("asset-svc");

    try (SSLSocket socket = socketShowing(wrong)) {
      // In TLS 1.3 the client hears of it with its first read, if it comes to that.
      assertThatThrownBy(() -> firstByteFor(socket))
          .isInstanceOfAny(SSLException.class, SocketException.class);
    }
    try (SSLSocket socket = socketShowing(ours.issue("asset-svc"))) {
      assertThat(firstByteFor(socket)).isNotNegative();
    }
  }

  private static int firstByteFor(SSLSocket socket) throws IOException {
    socket.startHandshake();
    socket.getOutputStream().write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(US_ASCII));
    return socket.getInputStream().read();
  }

  /** Of a client that does not care which CAs the server names. */
  private SSLSocket socketShowing(TlsFiles files) throws Exception {
    List<X509Certificate> chain;
    try (InputStream in = Files.newInputStream(files.certificate())) {
      chain =
          CertificateFactory.getInstance("X.509").generateCertificates(in).stream()
              .map(X509Certificate.class::cast)
              .toList();
    }
    String pem = Files.readString(files.key()).replaceAll("-----[A-Z ]+-----", "");
    PrivateKey key =
        KeyFactory.getInstance("EC")
            .generatePrivate(new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(pem)));
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(
        new KeyManager[] {new Insistent(chain.toArray(X509Certificate[]::new), key)},
        trust(ours.file()).getTrustManagers(),
        null);
    SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(HOST, port);
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setApplicationProtocols(new String[] {"h2"});
    socket.setSSLParameters(parameters);
    socket.setSoTimeout(60_000);
    return socket;
  }

  private static final class Insistent extends X509ExtendedKeyManager {
    private final X509Certificate[] chain;
    private final PrivateKey key;

    Insistent(X509Certificate[] chain, PrivateKey key) {
      this.chain = chain;
      this.key = key;
    }

    @Override
    public String[] getClientAliases(String type, Principal[] issuers) {
      return new String[] {"it"};
    }

    @Override
    public String chooseClientAlias(String[] types, Principal[] issuers, Socket socket) {
      return "it";
    }

    @Override
    public String[] getServerAliases(String type, Principal[] issuers) {
      return new String[0];
    }

    @Override
    public String chooseServerAlias(String type, Principal[] issuers, Socket socket) {
      return null;
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
      return chain;
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
      return key;
    }
  }

  @Test
  void serverOfAStrangersCaIsNotBelieved() throws Exception {
    GrpcEdge strange = edgeOver(watch(strangers.issue("settle-svc")));
    int strangePort = await(strange.listen(HOST, 0));

    assertFailure(ask(channel(strangePort, Optional.of(orders))))
        .isInstanceOf(PeerUnavailableException.class)
        .hasMessageContaining("of no CA in tls.ca");
    await(strange.close());
  }

  @Test
  void serverOfAnotherNameIsNotBelieved() throws Exception {
    DevCa elsewhere = new DevCa(folder.resolve("elsewhere"), "ours-too");
    TlsFiles both =
        new TlsFiles(
            ours.issue("asset-svc").certificate(),
            ours.issue("asset-svc").key(),
            DevCa.joined(folder.resolve("both.crt"), ours.file(), elsewhere.file()));
    TlsFiles named = elsewhere.issueFor("settle-svc", "settle.example");
    GrpcEdge other = edgeOver(watch(new TlsFiles(named.certificate(), named.key(), both.ca())));
    int otherPort = await(other.listen(HOST, 0));

    assertFailure(ask(channel(otherPort, Optional.of(watch(both)))))
        .isInstanceOf(PeerUnavailableException.class)
        .hasMessageContaining("for another name");
    await(other.close());
  }

  @Test
  void serverWhoseCertificateHasEndedIsNotBelieved() throws Exception {
    TlsFiles files = ours.issue("match-svc", Duration.ofSeconds(2), List.of("localhost"));
    GrpcEdge ending = edgeOver(watch(files));
    int endingPort = await(ending.listen(HOST, 0));

    Eventually.passes(() ->
        assertFailure(ask(channel(endingPort, Optional.of(orders))))
            .isInstanceOf(PeerUnavailableException.class)
            .hasMessageContaining("has expired: renew it there"));
    await(ending.close());
  }

  @Test
  void serviceWithoutTlsHearsSo() {
    assertFailure(ask(channel(port, Optional.empty())))
        .isInstanceOf(PeerUnavailableException.class);
  }

  // ---- renewal

  @Test
  void renewedCertificateIsShownToWhoeverComesNextAndCallsGoOn() throws Exception {
    RpcChannel channel = channel(port, Optional.of(orders));
    await(ask(channel));
    X509Certificate before = shown();

    ours.issue("settle-svc");
    ours.issue("order-svc");

    Eventually.passes(() -> assertThat(shown()).isNotEqualTo(before));
    assertThat(await(ask(channel))).isEqualTo(GetBalancesResponse.getDefaultInstance());
    jsonComesByTheSamePort();
    clientNeedsNoCertificate();
  }

  @Test
  void newCaIsBelievedAfterItIsAdded() throws Exception {
    TlsFiles strange = strangers.issue("order-svc");
    TlsWatch newcomer = watch(new TlsFiles(strange.certificate(), strange.key(), ours.file()));
    assertFailure(ask(channel(port, Optional.of(newcomer))));

    DevCa.write(
        ours.file(), Files.readString(ours.file()) + "\n" + Files.readString(strangers.file()));

    Eventually.passes(
        () -> assertThat(ask(channel(port, Optional.of(newcomer)))).satisfies(this::succeeds));
  }

  // ---- probes

  @Test
  void probesAreAnsweredWithoutTlsAndNothingElseIs() throws Exception {
    int probed = await(edge.listenForProbes(HOST, 0));
    ManagedChannel plain = NettyChannelBuilder.forAddress(HOST, probed).usePlaintext().build();
    channels.add(plain);

    var answer =
        HealthGrpc.newBlockingStub(plain)
            .check(HealthCheckRequest.newBuilder().setService("liveness").build());

    assertThat(answer.getStatus()).isEqualTo(ServingStatus.SERVING);
    StatusRuntimeException failure =
        catchThrowableOfType(
            StatusRuntimeException.class,
            () ->
                LedgerServiceGrpc.newBlockingStub(plain)
                    .withCallCredentials(bearer(Scope.OPERATOR))
                    .audit(AuditRequest.getDefaultInstance()));
    assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.UNIMPLEMENTED);
  }

  @Test
  void clientsWhoTakeEveryConnectionDoNotKeepTheProbesOut() throws Exception {
    EdgeSettings.Bounds usual = EdgeSettings.Bounds.DEFAULT;
    var one =
        new EdgeSettings.Bounds(
            usual.calls(),
            usual.streams(),
            1,
            usual.callsPerConnection(),
            usual.pings(),
            usual.idleSeconds(),
            usual.requestMillis(),
            usual.silence());
    GrpcEdge small =
        new GrpcEdge(
            vertx,
            Access.ofOwn(tokens),
            RateLimits.none(),
            health,
            new EdgeSettings(true, Map.of(), Set.of(), one));
    int taken = await(small.listen(HOST, 0));
    int probed = await(small.listenForProbes(HOST, 0));
    ManagedChannel first = NettyChannelBuilder.forAddress(HOST, taken).usePlaintext().build();
    ManagedChannel second = NettyChannelBuilder.forAddress(HOST, taken).usePlaintext().build();
    ManagedChannel kubelet = NettyChannelBuilder.forAddress(HOST, probed).usePlaintext().build();
    channels.addAll(List.of(first, second, kubelet));

    assertThat(liveness(first)).isEqualTo(ServingStatus.SERVING);
    assertThatThrownBy(() -> liveness(second)).hasMessageContaining("UNAVAILABLE");
    assertThat(liveness(kubelet)).isEqualTo(ServingStatus.SERVING);
    await(small.close());
  }

  private static ServingStatus liveness(ManagedChannel channel) {
    return HealthGrpc.newBlockingStub(channel)
        .withDeadlineAfter(30, TimeUnit.SECONDS)
        .check(HealthCheckRequest.newBuilder().setService("liveness").build())
        .getStatus();
  }

  // ---- the cast

  private String token(Scope scope) {
    return tokens.issue("someone", Set.of(scope), Duration.ofMinutes(5));
  }

  private LedgerServiceGrpc.LedgerServiceBlockingStub ledger(Scope scope) throws Exception {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(HOST, port)
            .sslContext(GrpcSslContexts.forClient().trustManager(ours.file().toFile()).build())
            .build();
    channels.add(channel);
    return LedgerServiceGrpc.newBlockingStub(channel)
        .withCallCredentials(bearer(scope))
        .withDeadlineAfter(30, TimeUnit.SECONDS);
  }

  private CallCredentials bearer(Scope scope) {
    String value = "Bearer " + token(scope);
    return new CallCredentials() {
      @Override
      public void applyRequestMetadata(
          RequestInfo request, Executor executor, MetadataApplier applier) {
        Metadata headers = new Metadata();
        headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), value);
        applier.apply(headers);
      }
    };
  }

  private RpcChannel channel(int port, Optional<TlsWatch> tls) {
    return new RpcChannel(
        vertx, List.of(new PeerAddress(HOST, port)), () -> token(Scope.SERVICE), tls);
  }

  private static Future<GetBalancesResponse> ask(RpcChannel channel) {
    return channel.unary(
        LedgerServiceGrpcClient.GetBalances, GetBalancesRequest.getDefaultInstance(), 30_000);
  }

  private void succeeds(Future<?> answer) {
    try {
      await(answer);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /** What the edge shows to a client that comes now. */
  private X509Certificate shown() {
    try (SSLSocket socket =
        (SSLSocket) believing(ours.file()).getSocketFactory().createSocket(HOST, port)) {
      return (X509Certificate) socket.getSession().getPeerCertificates()[0];
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static SSLContext believing(Path ca) throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust(ca).getTrustManagers(), null);
    return context;
  }

  private static TrustManagerFactory trust(Path ca) throws Exception {
    KeyStore believed = KeyStore.getInstance(KeyStore.getDefaultType());
    believed.load(null, null);
    try (InputStream in = Files.newInputStream(ca)) {
      Certificate certificate = CertificateFactory.getInstance("X.509").generateCertificate(in);
      believed.setCertificateEntry("ca", certificate);
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(believed);
    return trust;
  }

  private static org.assertj.core.api.AbstractThrowableAssert<?, ? extends Throwable> assertFailure(
      Future<?> future) {
    return assertThatThrownBy(() -> await(future)).isInstanceOf(ExecutionException.class).cause();
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }
}
