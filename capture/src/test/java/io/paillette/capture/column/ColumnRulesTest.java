package io.paillette.capture.column;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paillette.capture.TableName;
import io.paillette.capture.type.ColumnType;
import io.paillette.capture.type.ColumnType.Scalar;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class ColumnRulesTest {

    private static final TableName CUSTOMERS = new TableName("public", "customers");
    private static final int VARCHAR = 1043;
    private static final int TEXT = 25;

    /** Computed with Python's hashlib. */
    private static final String HASH = "a89d60ab9c05f5b7ce0c60a166c6af9df0edea97057c7200b7e61b01f2e439e5";

    private static final String HASH_OF_SERIALISED = "0d1bd5d4849ebff0fa32327ab1258b73c540e07b75c8b9b9949682c9608a8c21";

    @Test
    void asterisksStandForEveryValueAndForNull() {
        assertThat(masked("column.mask.with.3.chars", "anything", -1)).isEqualTo("***");
        assertThat(masked("column.mask.with.3.chars", null, -1)).isEqualTo("***");
        assertThat(masked("column.mask.with.0.chars", "anything", -1)).isEmpty();
    }

    @Test
    void aHashIsOfSaltAndTextAndNullStays() {
        assertThat(masked("column.mask.hash.v2.SHA-256.with.salt.CzQMA0cB5K", "Zoë", -1))
                .isEqualTo(HASH);
        assertThat(masked("column.mask.hash.SHA-256.with.salt.CzQMA0cB5K", "Zoë", -1))
                .isEqualTo(HASH_OF_SERIALISED);
        assertThat(masked("column.mask.hash.v2.SHA-256.with.salt.CzQMA0cB5K", null, -1))
                .isNull();
    }

    @Test
    void aHashIsNoLongerThanItsColumnCanHold() {
        assertThat(masked("column.mask.hash.v2.SHA-256.with.salt.CzQMA0cB5K", "Zoë", 4 + 10))
                .isEqualTo(HASH.substring(0, 10));
    }

    @Test
    void aSaltMayHaveDots() {
        assertThat(masked("column.mask.hash.v2.SHA-256.with.salt.a.b.c", "x", -1))
                .hasSize(64);
    }

    @Test
    void charactersAreCountedNotBytes() {
        assertThat(masked("column.truncate.to.3.chars", "añb😀c", -1)).isEqualTo("añb");
        assertThat(masked("column.truncate.to.4.chars", "añb😀c", -1)).isEqualTo("añb😀");
        assertThat(masked("column.truncate.to.5.chars", "añb😀c", -1)).isEqualTo("añb😀c");
        assertThat(masked("column.truncate.to.5.chars", null, -1)).isNull();
    }

    @Test
    void theFirstKindThatNamesAColumnCounts() {
        var rules = ColumnRules.NONE.masking(Map.of(
                "column.mask.with.3.chars", "public\\.customers\\..*",
                "column.truncate.to.1.chars", "public.customers.name"));
        assertThat(exposure(rules, "name").mask()).contains(new ColumnMask.Beginning(1));
        assertThat(exposure(rules, "email").mask()).contains(new ColumnMask.Asterisks(3));
    }

    @Test
    void namesAreWholeAndOfAnyCase() {
        var rules = ColumnRules.NONE.telling(RegexList.NONE, RegexList.of("x", "PUBLIC.customers.ssn, other"));
        assertThat(exposure(rules, "ssn").inRow()).isFalse();
        assertThat(exposure(rules, "ssn2")).isEqualTo(Exposure.WHOLE);
        var only = ColumnRules.NONE.telling(RegexList.of("x", ".*\\.(id|name){1\\,2}"), RegexList.NONE);
        assertThat(exposure(only, "idname").inRow()).isTrue();
        assertThat(exposure(only, "ssn").inRow()).isFalse();
    }

    @Test
    void aTableHasTheKeyThatIsChosenForItInTheOrderGiven() {
        var rules = ColumnRules.NONE.keyed("k", "public.customers:b,a ; (.*).orders : id;");
        assertThat(rules.key(CUSTOMERS)).contains(List.of("b", "a"));
        assertThat(rules.key(new TableName("any", "orders"))).contains(List.of("id"));
        assertThat(rules.key(new TableName("any", "other"))).isEmpty();
    }

    @Test
    void whatIsWrongIsToldWithItsKey() {
        assertThatThrownBy(() -> ColumnRules.NONE.keyed("message.key.columns", "public.customers"))
                .hasMessageStartingWith("message.key.columns: \"public.customers\" must be table:column,column");
        assertThatThrownBy(() -> ColumnRules.NONE.keyed("message.key.columns", "public.customers:a,,b"))
                .hasMessageContaining("must be table:column,column");
        assertThatThrownBy(() -> ColumnRules.NONE.masking(Map.of("column.mask.hash.v2.SHA-0.with.salt.x", "a")))
                .hasMessage(
                        "column.mask.hash.v2.SHA-0.with.salt.x: \"SHA-0\" is no hash that Java knows; SHA-256 is one");
        assertThatThrownBy(() -> ColumnRules.NONE.masking(Map.of("column.mask.with.99999999999.chars", "a")))
                .hasMessageContaining("99999999999 characters are too many");
        assertThatThrownBy(() -> ColumnRules.NONE.masking(Map.of("column.mask.with.1.chars", "a(")))
                .hasMessageStartingWith("column.mask.with.1.chars: \"a(\" is not a regular expression");
        var rules = ColumnRules.NONE.masking(Map.of("column.truncate.to.1.chars", ".*"));
        assertThatThrownBy(() -> rules.exposure(CUSTOMERS, "id", 23, -1, Scalar.INT4))
                .hasMessage(
                        "column.truncate.to.1.chars names column public.customers.id, which is no text: leave it out"
                                + " there, or mask it");
    }

    private static @Nullable String masked(String key, @Nullable String value, int modifier) {
        var rules = ColumnRules.NONE.masking(Map.of(key, "public.customers.name"));
        ColumnMask mask = rules.exposure(CUSTOMERS, "name", VARCHAR, modifier, Scalar.TEXT)
                .mask()
                .orElseThrow();
        byte[] told = mask.of(value == null ? null : value.getBytes(UTF_8));
        return told == null ? null : new String(told, UTF_8);
    }

    private static Exposure exposure(ColumnRules rules, String column) {
        ColumnType type = Scalar.TEXT;
        return rules.exposure(CUSTOMERS, column, TEXT, -1, type);
    }
}
