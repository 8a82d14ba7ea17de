package dev.sagax.local.layering;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleNameEndingWith;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import java.util.stream.Stream;

/** Who may import whom. */
final class Layering {
  static final List<String> SERVICES = List.of("order", "match", "settle", "asset");

  private static final List<String> EDGES = List.of("api", "saga", "store", "redis", "ledger");
  private static final String PROTO = "dev.sagax.proto..";
  private static final String PLATFORM = "dev.sagax.platform..";
  private static final DescribedPredicate<JavaClass> OURS = resideInAnyPackage("dev.sagax..");

  static final ArchRule CONTRACT_STANDS_ALONE = onlyKnows(PROTO, PROTO);

  static final ArchRule PLATFORM_KNOWS_NO_SERVICE = onlyKnows(PLATFORM, PROTO, PLATFORM);

  static final ArchRule BUSINESS_OF_PLATFORM_KNOWS_NO_GENERATED_TYPE =
      noClasses()
          .that()
          .resideInAnyPackage("dev.sagax.platform.money..", "dev.sagax.platform.refusal..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage(PROTO);

  static final ArchRule BOOK_KNOWS_THE_JDK_ONLY =
      classes()
          .that()
          .resideInAPackage("dev.sagax.match.book..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage("java..", "dev.sagax.match.book..");

  static final ArchRule BROKER_STAYS_IN_ITS_OWN_PROCESS =
      noClasses()
          .that(not(simpleNameEndingWith("KafkaChild")).and(OURS))
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "kafka..", "scala..", "org.apache.kafka.server..", "org.apache.kafka.metadata..");

  static final ArchRule NOTHING_IS_CALLED_COMMON =
      noClasses()
          .that(not(resideInAnyPackage(PROTO)).and(OURS))
          .should()
          .resideInAnyPackage("..common..", "..core..", "..util..", "..utils..", "..helper..")
          .orShould()
          .haveSimpleNameEndingWith("Util")
          .orShould()
          .haveSimpleNameEndingWith("Utils")
          .orShould()
          .haveSimpleNameEndingWith("Helper");

  private Layering() {}

  static ArchRule serviceKnowsNoOther(String service) {
    String own = "dev.sagax." + service + "..";
    return onlyKnows(own, PROTO, PLATFORM, own);
  }

  /** The business may not know its edges; the verticle, which only wires them together, must. */
  static ArchRule businessKnowsNoEdge(String service) {
    return noClasses()
        .that(isBusinessOf(service))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(edgesOf(service));
  }

  static ArchRule businessKnowsNoGeneratedType(String service) {
    return noClasses()
        .that(isBusinessOf(service))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(PROTO, "com.google.protobuf..", "io.grpc..");
  }

  /** Each package of a service is its business or a known edge, so that no rule misses it. */
  static ArchRule serviceHasOnlyKnownRooms(String service) {
    String top = "dev.sagax." + service;
    String[] rooms =
        Stream.concat(Stream.of(top, top + ".book"), Stream.of(edgesOf(service)))
            .toArray(String[]::new);
    return classes().that().resideInAPackage(top + "..").should().resideInAnyPackage(rooms);
  }

  private static DescribedPredicate<JavaClass> isBusinessOf(String service) {
    return resideInAnyPackage("dev.sagax." + service + "..")
        .and(not(resideInAnyPackage(edgesOf(service))))
        .and(not(simpleNameEndingWith("Verticle")))
        .as("the business of " + service);
  }

  private static String[] edgesOf(String service) {
    return EDGES.stream()
        .map(edge -> "dev.sagax." + service + "." + edge + "..")
        .toArray(String[]::new);
  }

  private static ArchRule onlyKnows(String who, String... known) {
    return noClasses()
        .that()
        .resideInAPackage(who)
        .should()
        .dependOnClassesThat(OURS.and(not(resideInAnyPackage(known))));
  }
}
