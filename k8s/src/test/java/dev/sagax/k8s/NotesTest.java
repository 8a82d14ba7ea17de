package dev.sagax.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sagax.proto.asset.v1.AssetServiceGrpc;
import dev.sagax.proto.order.v1.OrderServiceGrpc;
import org.junit.jupiter.api.Test;

class NotesTest {
  @Test
  void theNotesAreWhatIsShownHere() {
    assertThat(Chart.read(Chart.directory().resolve("templates/NOTES.txt")).strip())
        .isEqualTo("{{ include \"sagax.notes\" . }}");
  }

  @Test
  void theFirstCallsNameServicesThatAreThere() {
    Manifests manifests = Chart.with("minimal");

    assertThat(manifests.notes())
        .contains(
            "helm test -n exchange sagax",
            "kubectl port-forward -n exchange svc/sagax-asset-svc 9104",
            "kubectl port-forward -n exchange svc/sagax-order-svc 9101",
            "127.0.0.1:9104 " + AssetServiceGrpc.getDepositMethod().getFullMethodName(),
            "127.0.0.1:9101 " + OrderServiceGrpc.getPlaceOrderMethod().getFullMethodName(),
            "kubectl get secret -n exchange sagax-key -o jsonpath='{.data.key\\.pem}'");
    manifests
        .notes()
        .lines()
        .map(String::strip)
        .filter(line -> line.matches("[a-z]+-svc +\\S+"))
        .map(line -> line.split(" +")[1].split("[.:]")[0])
        .forEach(name -> manifests.named("Service", name));
  }

  /** Pasted from the README, where a test makes them. */
  @Test
  void theFirstCallsAreThoseOfTheReadme() {
    String readme = Chart.read(Chart.project().resolve("README.md"));

    assertThat(Chart.with("minimal").notes().lines().map(String::strip))
        .filteredOn(line -> line.startsWith("grpcurl "))
        .hasSize(2)
        .allSatisfy(line -> assertThat(readme).contains(line));
  }

  @Test
  void whereThereIsTlsTheFirstCallsSpeakIt() {
    String notes = Chart.with("secured").notes();

    assertThat(notes)
        .contains(
            "kubectl get secret -n exchange tls-order-svc -o jsonpath='{.data.ca\\.crt}' | base64 -d > ca.crt",
            "grpcurl -cacert ca.crt -authority sagax-asset-svc.exchange.svc.cluster.local -H",
            "grpcurl -cacert ca.crt -authority sagax-order-svc.exchange.svc.cluster.local -H")
        .doesNotContain("-plaintext");
  }

  @Test
  void onlyATrialIsWarned() {
    assertThat(Chart.with("production").notes()).doesNotContain("trial");
    assertThat(Chart.with("strimzi").notes())
        .contains(
            "This is a trial",
            "records may be lost with one broker",
            "Redis has no password",
            "anybody in the cluster");
  }

  @Test
  void aServiceAloneHasNoFirstCall() {
    assertThat(Chart.with("one-service").notes()).contains("order-svc").doesNotContain("grpcurl");
  }
}
