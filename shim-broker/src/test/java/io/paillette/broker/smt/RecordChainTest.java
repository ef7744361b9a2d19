package io.paillette.broker.smt;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;

class RecordChainTest {

    private static final String KAFKAS = "org.apache.kafka.connect.transforms.";
    private static final Schema ROW =
            SchemaBuilder.struct().field("id", Schema.INT32_SCHEMA).build();

    @Test
    void aPredicateSaysWhichRecordsATransformationIsFor() throws Exception {
        try (RecordChain chain = chain(
                List.of("tag", "drop"),
                Map.of(
                        "transforms.tag.type", KAFKAS + "InsertHeader",
                        "transforms.tag.header", "seen",
                        "transforms.tag.value.literal", "yes",
                        "transforms.tag.predicate", "there",
                        "transforms.tag.negate", "true",
                        "transforms.drop.type", KAFKAS + "Filter",
                        "transforms.drop.predicate", "there",
                        "predicates.there.type", KAFKAS + "predicates.HasHeaderKey",
                        "predicates.there.name", "seen"))) {
            assertThat(chain.call(record())).isEmpty();
        }
    }

    @Test
    void whatATransformationLeavesAloneIsAsItWas() throws Exception {
        try (RecordChain chain = chain(List.of(), Map.of())) {
            var told = chain.call(record()).orElseThrow();
            assertThat(told.topic()).isEqualTo("orders");
            assertThat(told.partition()).isNull();
            assertThat(told.timestamp()).isEqualTo(42);
            assertThat(new String(told.value(), UTF_8)).isEqualTo("{\"id\":7}");
            assertThat(told.key()).isNull();
        }
    }

    @Test
    void timestampsAndPartitionsThatKafkaDoesNotHaveAreErrors() throws Exception {
        try (RecordChain chain = chain(List.of(), Map.of())) {
            SourceRecord record = record();
            SourceRecord elsewhere = record.newRecord(
                    record.topic(), -2, null, null, record.valueSchema(), record.value(), record.timestamp());
            assertThatThrownBy(() -> chain.call(elsewhere))
                    .isInstanceOf(ChainException.class)
                    .hasMessageContaining("Invalid partition: -2");
        }
    }

    @Test
    void whatIsWronglyConfiguredIsNamedInTheWordsOfConnectWithItsWholeKey() {
        refused(Map.of("transforms.a.type", "shop.Nowhere"))
                .hasMessageContaining(
                        "Invalid value shop.Nowhere for configuration sequence.some.transforms.a.type: Class"
                                + " shop.Nowhere could not be found");
        refused(Map.of("transforms.a.type", KAFKAS + "RegexRouter"))
                .hasMessage(
                        "Missing required configuration \"sequence.some.transforms.a.regex\" which has no default value.;"
                                + " Missing required configuration \"sequence.some.transforms.a.replacement\" which has no default"
                                + " value.");
        refused(Map.of("transforms.a.type", KAFKAS + "Filter", "transforms.a.predicate", "b"))
                .hasMessageContaining("Invalid value b for configuration sequence.some.transforms.a.predicate");
        refused(Map.of("transforms.a.type", KAFKAS + "Filter", "transforms.a.negate", "true"))
                .hasMessageContaining("sequence.some.transforms.a.negate: there is no");
        refused(Map.of("transforms.a.type", KAFKAS + "Filter", "transforms.a.negate", "perhaps"))
                .hasMessageContaining("Invalid value perhaps for configuration sequence.some.transforms.a.negate");
        refused(Map.of("transforms.a.type", KAFKAS + "Cast$Value", "transforms.a.spec", "n:roman"))
                .hasMessageContaining("sequence.some.transforms.a.spec");
        refused(Map.of("transforms.a.type", "org.apache.kafka.connect.json.JsonConverter"))
                .hasMessageContaining("it is no org.apache.kafka.connect.transforms.Transformation");
        refused(Map.of("transforms.a.type", KAFKAS + "Transformation")).hasMessageContaining("it cannot be made");
        refused(Map.of(
                        "transforms.a.type",
                        KAFKAS + "Filter",
                        "value.converter",
                        "org.apache.kafka.connect.json.JsonConverter",
                        "value.converter.decimal.format",
                        "ROMAN"))
                .hasMessageContaining(
                        "Invalid value ROMAN for configuration sequence.some.value.converter.decimal.format");
    }

    private static AbstractThrowableAssert<?, ? extends Throwable> refused(Map<String, String> options) {
        return assertThatThrownBy(() -> chain(List.of("a"), options).close()).isInstanceOf(ChainException.class);
    }

    private static RecordChain chain(List<String> transforms, Map<String, String> options) throws ChainException {
        var predicates = options.keySet().stream()
                .filter(key -> key.startsWith("predicates.") && key.endsWith(".type"))
                .map(key -> key.split("\\.", -1)[1])
                .toList();
        return RecordChain.of(
                new ChainSettings("sequence.some.", transforms, predicates, new HashMap<>(options)),
                new Plugins(List.of()));
    }

    private static SourceRecord record() {
        return new SourceRecord(
                Map.of("server", "app"), Map.of(), "orders", null, null, null, ROW, new Struct(ROW).put("id", 7), 42L);
    }
}
