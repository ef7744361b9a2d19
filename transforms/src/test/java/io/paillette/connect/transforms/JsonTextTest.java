package io.paillette.connect.transforms;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.errors.DataException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTextTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"a\":1e-999999999}",
                "{\"a\":1e9999999999}",
                "{\"a\":-1E-9999999999}",
                "{\"a\":1.50,\"b\":0.0,\"c\":-0.0,\"d\":1e+3}",
                "[9223372036854775807,9223372036854775808,-9223372036854775808,12345678901234567890123]",
                "{\"a\":{\"b\":[null,true,\"x\"]}}",
                "null",
                "7",
            })
    @Timeout(5)
    void whatIsReadIsWrittenWithTheSameDigits(String json) {
        Object read = JsonText.read(json).orElseThrow().value();
        assertThat(JsonText.write(read)).asString(UTF_8).isEqualTo(json);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "  ", "{half", "1 2", "nil", "1e", "__debezium_unavailable_value"})
    void whatIsNoJsonIsNone(String text) {
        assertThat(JsonText.read(text)).isEmpty();
    }

    @Test
    void whatADoubleWritesWithTheSameDigitsIsOneAndAnythingElseThatNoLongHoldsIsAString() {
        assertThat(held("[18446744073709552000,-9223372036854775808,1e19,1.50,0.10,0.0,0e9999999999,4.9e-324,1e308]"))
                .isEqualTo(List.of(0x1p64, Long.MIN_VALUE, 1e19, 1.5, 0.1, 0.0, 0.0, Double.MIN_VALUE, 1e308));
        List<String> strings = List.of(
                "18446744073709551616",
                "9223372036854775809",
                "0.10000000000000000001",
                "1e400",
                "1e-400",
                "1e9999999999",
                "1e-9999999999",
                "-1e-9999999999",
                "1e-999999999");
        assertThat(held("[" + String.join(",", strings) + "]")).isEqualTo(strings);
    }

    @Test
    @Timeout(5)
    void numbersOfAMillionDigitsCostNoMoreThanTheirText() {
        String digits = "7".repeat(1_000_000);
        String json = "[" + digits + ",0." + digits + "]";
        assertThat(held(json)).isEqualTo(List.of(digits, "0." + digits));
        assertThat(JsonText.write(JsonText.read(json).orElseThrow().value())).isEqualTo(json.getBytes(UTF_8));
    }

    @Test
    void aDecimalIsWrittenWithItsZerosUnlessTheyWouldFillTheMemory() {
        assertThat(JsonText.write(
                        Arrays.asList(new BigDecimal("12.50"), new BigDecimal("1e-9"), new BigDecimal("1e3"), null)))
                .asString(UTF_8)
                .isEqualTo("[12.50,0.000000001,1E+3,null]");
        assertThat(JsonText.write(new BigDecimal("1e-999999999")))
                .asString(UTF_8)
                .isEqualTo("1E-999999999");
    }

    @Test
    void namesOfAnyLengthAreRead() {
        String name = "n".repeat(100_000);
        assertThat(JsonText.read("{\"" + name + "\":1}").orElseThrow().value()).isEqualTo(Map.of(name, 1L));
    }

    @Test
    void whatAFunctionReturnsThatIsNoJsonIsADataException() {
        assertThatThrownBy(() -> held("[1")).isInstanceOf(DataException.class);
    }

    private static Object held(String json) {
        return JsonText.schemaless(json.getBytes(UTF_8));
    }
}
