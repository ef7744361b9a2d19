package io.paillette.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paillette.capture.Column;
import io.paillette.capture.Relation;
import io.paillette.capture.TableName;
import io.paillette.capture.column.Exposure;
import io.paillette.capture.type.BadValueException;
import io.paillette.capture.type.ColumnType;
import io.paillette.capture.type.ValueHandling;
import io.paillette.struct.NameAdjustment;
import io.paillette.struct.StructNames;
import io.paillette.struct.TableShape;
import java.net.URLClassLoader;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.apache.kafka.connect.data.Field;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class NameAdjustmentTest {

    private static final String ALPHABET = "aZ09_.-$ äł漢\uD83D\uDE00";

    @ParameterizedTest
    @CsvSource({"AVRO, AVRO, AVRO_FIELD_NAMER", "AVRO_UNICODE, AVRO_UNICODE, AVRO_UNICODE_FIELD_NAMER"})
    void namesBecomeWhatTheyBecomeInDebezium(NameAdjustment ours, String schemas, String fields) throws Exception {
        long seed = System.nanoTime();
        var random = new Random(seed);
        try (URLClassLoader debezium = DebeziumConfigTest.debezium()) {
            Class<?> adjuster = debezium.loadClass("io.debezium.schema.SchemaNameAdjuster");
            var adjust = adjuster.getMethod("adjust", String.class);
            Object ofSchemas = adjuster.getField(schemas).get(null);
            Object ofFields = adjuster.getField(fields).get(null);
            for (int i = 0; i < 500; i++) {
                var name = new StringBuilder();
                int length = 1 + random.nextInt(8);
                for (int c = 0; c < length; c++) {
                    name.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
                }
                assertThat(ours.schema(name.toString()))
                        .as("seed %d: %s", seed, name)
                        .isEqualTo(adjust.invoke(ofSchemas, name.toString()));
                assertThat(ours.field(name.toString()))
                        .as("seed %d: %s", seed, name)
                        .isEqualTo(adjust.invoke(ofFields, name.toString()));
            }
        }
    }

    @Test
    void schemasAndFieldsOfATableAreAdjustedAndItsTopicIsNot() {
        TableShape shape = shape(NameAdjustment.AVRO, "order-no", "2nd");
        assertThat(shape.topic()).isEqualTo("my-app.public.t_1");
        assertThat(shape.schemaName("Envelope")).isEqualTo("my_app.public.t_1.Envelope");
        assertThat(shape.row().fields()).extracting(Field::name).containsExactly("order_no", "_2nd");
    }

    @Test
    void columnsThatBecomeOneFieldAreAnErrorThatSaysWhatToDo() {
        assertThatThrownBy(() -> shape(NameAdjustment.AVRO, "a-b", "a_b"))
                .isInstanceOf(BadValueException.class)
                .hasMessageContaining("field.name.adjustment.mode=avro_unicode");
        assertThat(shape(NameAdjustment.AVRO_UNICODE, "a-b", "a_b").row().fields())
                .hasSize(2);
    }

    private static TableShape shape(NameAdjustment adjustment, String... columns) {
        List<Column> all =
                List.of(columns).stream().map(NameAdjustmentTest::column).toList();
        var relation = new Relation(
                1, new TableName("public", "t 1"), Relation.ReplicaIdentity.DEFAULT, all, List.of(), List.of());
        return TableShape.of(
                relation, new StructNames(TopicNames.of("my-app")::of, adjustment, adjustment), ValueHandling.DEFAULT);
    }

    private static Column column(String name) {
        return new Column(
                name,
                new Column.Declaration(25, -1, "text", Optional.empty()),
                ColumnType.Scalar.TEXT,
                true,
                Exposure.WHOLE);
    }
}
