package io.paillette.struct;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.capture.Column;
import io.paillette.capture.column.Exposure;
import io.paillette.capture.type.ColumnType;
import io.paillette.capture.type.ColumnType.Scalar;
import io.paillette.capture.type.ValueHandling;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.junit.jupiter.api.Test;

/**
 * Forms of types that the servers of tests do not have, from texts that PostGIS 3.3 and pgvector 0.8 write. Where a server has
 * them {@link DebeziumDifferentialIT} compares them with Debezium's.
 */
final class ExtensionTypesTest {

    private static final String POINT = "0101000020E610000000000000000000000000000000000000";

    @Test
    void aGeometryHasItsBinaryAndItsSridAndMayAlwaysBeNullInItsSchema() {
        Schema geometry = value(Scalar.GEOMETRY, false).schema();
        assertThat(geometry.name()).isEqualTo("io.debezium.data.geometry.Geometry");
        assertThat(geometry.version()).isEqualTo(1);
        assertThat(geometry.isOptional()).isTrue();
        Schema geography = value(Scalar.GEOGRAPHY, false).schema();
        assertThat(geography.name()).isEqualTo("io.debezium.data.geometry.Geography");
        assertThat(geography.isOptional()).isFalse();
        var point = (Struct) read(Scalar.GEOGRAPHY, POINT);
        point.validate();
        assertThat(point.getInt32("srid")).isEqualTo(4326);
        assertThat(point.getBytes("wkb")).isEqualTo(HexFormat.of().parseHex(POINT));
        assertThat(((Struct) read(Scalar.GEOMETRY, "010700000000000000")).getInt32("srid"))
                .isNull();
        var absent = (Struct) value(Scalar.GEOMETRY, false).of(null);
        assertThat(absent.getBytes("wkb")).isEqualTo(HexFormat.of().parseHex("010700000000000000"));
        assertThat(value(Scalar.GEOMETRY, true).of(null)).isNull();
    }

    @Test
    void vectorsAreArraysOfNumbersThatAreThere() {
        Schema vector = value(Scalar.VECTOR, true).schema();
        assertThat(vector.name()).isEqualTo("io.debezium.data.DoubleVector");
        assertThat(vector.valueSchema()).isEqualTo(Schema.FLOAT64_SCHEMA);
        assertThat(vector.isOptional()).isTrue();
        assertThat(read(Scalar.VECTOR, "[1,-2.5,1e-05]")).isEqualTo(List.of(1.0, -2.5, 1e-05));
        Schema half = value(Scalar.HALFVEC, true).schema();
        assertThat(half.name()).isEqualTo("io.debezium.data.FloatVector");
        assertThat(half.valueSchema()).isEqualTo(Schema.FLOAT32_SCHEMA);
        assertThat(read(Scalar.HALFVEC, "[0.1]")).isEqualTo(List.of(0.1f));
    }

    @Test
    void aSparseVectorIsAMapFromDimensionsToValues() {
        var vector = (Struct) read(Scalar.SPARSEVEC, "{1:1,3:-2.5}/5");
        vector.validate();
        assertThat(vector.schema().name()).isEqualTo("io.debezium.data.SparseDoubleVector");
        assertThat(vector.getInt16("dimensions")).isEqualTo((short) 5);
        assertThat(vector.<Short, Double>getMap("vector")).isEqualTo(Map.of((short) 1, 1.0, (short) 3, -2.5));
        assertThat(((Struct) read(Scalar.SPARSEVEC, "{}/5")).getMap("vector")).isEmpty();
    }

    private static Object read(ColumnType type, String text) {
        Object read = value(type, true).of(text.getBytes(StandardCharsets.UTF_8));
        assertThat(read).isNotNull();
        return read;
    }

    private static ColumnValue value(ColumnType type, boolean nullable) {
        var declared = new Column.Declaration(20_000, -1, "text", Optional.empty());
        return ColumnValue.of(new Column("c", declared, type, nullable, Exposure.WHOLE), ValueHandling.DEFAULT);
    }
}
