package dev.sagax.local.locks;

import dev.sagax.asset.saga.TransferSaga;
import dev.sagax.match.saga.MarketDataSaga;
import dev.sagax.match.saga.MatchSaga;
import dev.sagax.order.saga.OrderSaga;
import dev.sagax.platform.log.SagaDefinition;
import dev.sagax.platform.log.Topic;
import dev.sagax.settle.saga.SettleSaga;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialAlteration;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/**
 * A user of Kafka for each service, with the ACLs of the chart's KafkaUsers and no others. A test
 * of the chart compares those with the same steps.
 */
public final class KafkaUsers {
  private static final int ITERATIONS = 4096;

  private KafkaUsers() {}

  public static String password(String service) {
    return service + "-pw";
  }

  /** Makes all of them, as whoever may do all. */
  public static void make(String bootstrap) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
      List<UserScramCredentialAlteration> logins = new ArrayList<>();
      List<AclBinding> rights = new ArrayList<>();
      for (String service : Locks.SERVICES) {
        logins.add(
            new UserScramCredentialUpsertion(
                service,
                new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, ITERATIONS),
                password(service)));
        rights.addAll(rightsOf(service));
      }
      admin.alterUserScramCredentials(logins).all().get(30, TimeUnit.SECONDS);
      admin.createAcls(rights).all().get(30, TimeUnit.SECONDS);
    }
  }

  private static List<AclBinding> rightsOf(String service) {
    List<AclBinding> rights = new ArrayList<>();
    Set<Topic> written = writtenBy(service);
    for (Topic topic : Topic.values()) {
      Set<AclOperation> operations =
          EnumSet.of(AclOperation.DESCRIBE, AclOperation.DESCRIBE_CONFIGS, AclOperation.READ);
      if (written.contains(topic)) {
        operations.add(AclOperation.WRITE);
      }
      operations.forEach(
          operation -> rights.add(right(service, ResourceType.TOPIC, topic.topicName, operation)));
    }
    for (SagaDefinition step : stepsOf(service)) {
      rights.add(right(service, ResourceType.GROUP, step.service(), AclOperation.DESCRIBE));
      rights.add(right(service, ResourceType.GROUP, step.service(), AclOperation.READ));
    }
    return rights;
  }

  private static AclBinding right(
      String service, ResourceType type, String name, AclOperation operation) {
    return new AclBinding(
        new ResourcePattern(type, name, PatternType.LITERAL),
        new AccessControlEntry("User:" + service, "*", operation, AclPermissionType.ALLOW));
  }

  private static Set<Topic> writtenBy(String service) {
    Set<Topic> written = EnumSet.noneOf(Topic.class);
    stepsOf(service).forEach(step -> written.addAll(step.outputs()));
    switch (service) {
      case "order-svc" -> written.add(Topic.ORDER_REQUESTED);
      case "settle-svc", "asset-svc" -> written.add(Topic.TRANSFER_REQUESTED);
      default -> {}
    }
    return written;
  }

  private static List<SagaDefinition> stepsOf(String service) {
    return switch (service) {
      case "order-svc" -> List.of(OrderSaga.of(null, null, 4, 1));
      case "match-svc" ->
          List.of(
              MatchSaga.definition(null, null, null, null),
              MarketDataSaga.definition(null, null, null));
      case "settle-svc" -> List.of(SettleSaga.definition(null, null, 4));
      case "asset-svc" -> List.of(TransferSaga.definition(null, null, 4));
      default -> throw new AssertionError(service);
    };
  }
}
