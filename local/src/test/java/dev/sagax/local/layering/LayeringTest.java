package dev.sagax.local.layering;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import dev.sagax.local.layering.planted.PlantedBroker;
import dev.sagax.local.layering.planted.util.PlantedHelper;
import dev.sagax.match.book.PlantedBook;
import dev.sagax.order.PlantedBusiness;
import dev.sagax.order.room.PlantedRoom;
import dev.sagax.platform.money.PlantedMoney;
import dev.sagax.proto.PlantedContract;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A rule that finds no class to look at fails, too, so none holds by looking at nothing. */
class LayeringTest {
  private static final JavaClasses SAGAX =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.sagax");

  static final List<String> SERVICES = Layering.SERVICES;

  @ParameterizedTest
  @FieldSource("SERVICES")
  void serviceKeepsItsLayers(String service) {
    Layering.serviceKnowsNoOther(service).check(SAGAX);
    Layering.serviceHasOnlyKnownRooms(service).check(SAGAX);
    Layering.businessKnowsNoEdge(service).check(SAGAX);
    Layering.businessKnowsNoGeneratedType(service).check(SAGAX);
  }

  @ParameterizedTest
  @MethodSource
  void sharedRuleHolds(ArchRule rule) {
    rule.check(SAGAX);
  }

  static Stream<Named<ArchRule>> sharedRuleHolds() {
    return Stream.of(
            Layering.CONTRACT_STANDS_ALONE,
            Layering.PLATFORM_KNOWS_NO_SERVICE,
            Layering.BUSINESS_OF_PLATFORM_KNOWS_NO_GENERATED_TYPE,
            Layering.BOOK_KNOWS_THE_JDK_ONLY,
            Layering.BROKER_STAYS_IN_ITS_OWN_PROCESS,
            Layering.NOTHING_IS_CALLED_COMMON)
        .map(rule -> Named.of(rule.getDescription(), rule));
  }

  @ParameterizedTest
  @MethodSource
  void ruleFindsAPlantedViolation(ArchRule rule, Class<?> planted) {
    JavaClasses violator = new ClassFileImporter().importClasses(planted);

    assertThatThrownBy(() -> rule.check(violator))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("was violated")
        .hasMessageContaining(planted.getName());
  }

  static Stream<Arguments> ruleFindsAPlantedViolation() {
    return Stream.of(
        Arguments.of(Layering.serviceKnowsNoOther("order"), PlantedBusiness.class),
        Arguments.of(Layering.businessKnowsNoEdge("order"), PlantedBusiness.class),
        Arguments.of(Layering.businessKnowsNoGeneratedType("order"), PlantedBusiness.class),
        Arguments.of(Layering.serviceHasOnlyKnownRooms("order"), PlantedRoom.class),
        Arguments.of(Layering.CONTRACT_STANDS_ALONE, PlantedContract.class),
        Arguments.of(Layering.PLATFORM_KNOWS_NO_SERVICE, PlantedMoney.class),
        Arguments.of(Layering.BUSINESS_OF_PLATFORM_KNOWS_NO_GENERATED_TYPE, PlantedMoney.class),
        Arguments.of(Layering.BOOK_KNOWS_THE_JDK_ONLY, PlantedBook.class),
        Arguments.of(Layering.BROKER_STAYS_IN_ITS_OWN_PROCESS, PlantedBroker.class),
        Arguments.of(Layering.NOTHING_IS_CALLED_COMMON, PlantedHelper.class));
  }
}
