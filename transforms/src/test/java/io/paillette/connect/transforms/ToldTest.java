package io.paillette.connect.transforms;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.sink.SinkRecord;
import org.assertj.core.util.Throwables;
import org.junit.jupiter.api.Test;

class ToldTest {

    private static final byte[] NO_TEXT = {(byte) 0xff, 0};

    @Test
    void bytesThatAreAJsonObjectAreReadAsItHoweverTheyAreHeldAndOtherBytesAreBase64() {
        byte[] json = "{\"n\":1.50}".getBytes(UTF_8);
        ByteBuffer part = ByteBuffer.wrap("..{\"n\":1.50}".getBytes(UTF_8)).position(2);
        for (Object value : List.of(json, ByteBuffer.wrap(json), part.asReadOnlyBuffer(), "{\"n\":1.50}")) {
            assertThat(told(value)).isEqualTo(record("{\"n\":1.50}"));
        }
        assertThat(part.position()).isEqualTo(2);
        assertThat(told(NO_TEXT)).isEqualTo(record("\"/wA=\""));
        assertThat(told(new byte[] {'{', '"', (byte) 0xff, '"', ':', '1', '}'}))
                .as("no letter of it is made another one")
                .isEqualTo(record("\"eyL/IjoxfQ==\""));
    }

    @Test
    void aKeyOfBytesIsInMessagesAsItsTextOrAsBase64() {
        assertThat(place("k7")).isEqualTo("topic t, partition 3, offset 9 with the key k7");
        assertThat(place("k7".getBytes(UTF_8))).endsWith("with the key k7");
        assertThat(place(ByteBuffer.wrap("k7".getBytes(UTF_8)))).endsWith("with the key k7");
        assertThat(place(NO_TEXT)).endsWith("with the key (base64) /wA=");
        assertThat(place(null)).endsWith("with the key null");
        assertThat(place("x".repeat(1_000))).endsWith("with the key " + "x".repeat(200) + "...");
    }

    @Test
    void whateverATellingFailsForNamesTheRecordAndTheField() {
        Schema row = SchemaBuilder.struct()
                .field(
                        "due",
                        SchemaBuilder.int64().name("io.debezium.time.Date").build())
                .build();
        Struct value = new Struct(row).put("due", Long.MAX_VALUE);
        assertThatThrownBy(() -> Told.change(new SinkRecord("t", 3, null, "k", row, value, 9)))
                .isInstanceOf(DataException.class)
                .hasMessageStartingWith(
                        "the value of the record of topic t, partition 3, offset 9 with the key k cannot be"
                                + " told to functions: due: a value that its type does not have, java.time.DateTimeException")
                .satisfies(ToldTest::showsNoValue);
        for (int depth : List.of(1_000, 2_000, 100_000)) {
            assertThatThrownBy(() -> told("{\"a\":".repeat(depth) + "1" + "}".repeat(depth)))
                    .isInstanceOf(DataException.class)
                    .hasMessageStartingWith("the value of the record of topic t, partition 3, offset 9")
                    .hasMessageContaining("nesting depth");
        }
    }

    @Test
    void whatIsNoJsonIsNotQuoted() {
        assertThatThrownBy(() -> JsonText.schemaless("{\"a\": secret}".getBytes(UTF_8)))
                .isInstanceOf(DataException.class)
                .hasMessage("what a function returned is no JSON, at byte 6")
                .satisfies(ToldTest::showsNoValue);
        assertThatThrownBy(() -> told("{\"a\":".repeat(2_000) + "\"secret\"" + "}".repeat(2_000)))
                .satisfies(ToldTest::showsNoValue);
    }

    /** As Connect writes it. */
    private static void showsNoValue(Throwable failure) {
        assertThat(Throwables.getStackTrace(failure)).doesNotContain("secret", String.valueOf(Long.MAX_VALUE), "\"a\"");
    }

    private static String place(Object key) {
        return Told.place(new SinkRecord("t", 3, null, key, null, Map.of(), 9));
    }

    private static String told(Object value) {
        return new String(Told.change(new SinkRecord("t", 3, null, "k", null, value, 9)), UTF_8);
    }

    private static String record(String json) {
        return "{\"record\":" + json + ",\"changes\":null,\"action\":null,\"metadata\":null}";
    }
}
