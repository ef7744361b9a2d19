package io.paillette.capture.envelope;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.capture.CaptureEvent.LogicalMessage;
import io.paillette.capture.EventOrder;
import io.paillette.capture.Lsn;
import io.paillette.capture.TransactionInfo;
import io.paillette.capture.type.BinaryHandling;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;

final class MessageJsonTest {

    private static final InstantSource CLOCK = InstantSource.fixed(Instant.parse("2024-02-29T12:34:57.000000001Z"));
    private static final LogicalMessage MESSAGE = new LogicalMessage(
            true,
            "a \"b\"",
            new byte[] {(byte) 0xfb, (byte) 0xff, 0},
            Rows.TRANSACTION,
            new Lsn(200),
            1,
            Rows.START.inside(new Lsn(300), 1),
            List.of());

    @Test
    void aMessageIsWrittenFieldByFieldInDebeziumsOrder() {
        assertThat(text(json(BinaryHandling.BYTES).key(MESSAGE))).isEqualTo("{\"prefix\":\"a \\\"b\\\"\"}");
        assertThat(text(json(BinaryHandling.BYTES).value(MESSAGE)))
                .isEqualTo("{\"op\":\"m\",\"ts_ms\":1709210097000,"
                        + "\"source\":{\"version\":\"0.1\",\"connector\":\"postgresql\",\"name\":\"app\","
                        + "\"ts_ms\":1709210096789,\"snapshot\":\"false\",\"db\":\"shop\","
                        + "\"sequence\":\"[\\\"100\\\",\\\"200\\\"]\",\"ts_us\":1709210096789012,"
                        + "\"ts_ns\":1709210096789012000,\"schema\":\"\",\"table\":\"\",\"txId\":571,\"lsn\":200,"
                        + "\"xmin\":null,\"origin\":null,\"origin_lsn\":null},\"transaction\":null,"
                        + "\"message\":{\"prefix\":\"a \\\"b\\\"\",\"content\":\"+/8A\"}}");
    }

    @Test
    void itsContentIsWrittenAsBinaryValuesAre() {
        assertThat(text(json(BinaryHandling.BASE64).value(MESSAGE))).endsWith("\"content\":\"+/8A\"}}");
        assertThat(text(json(BinaryHandling.BASE64_URL_SAFE).value(MESSAGE))).endsWith("\"content\":\"-_8A\"}}");
        assertThat(text(json(BinaryHandling.HEX).value(MESSAGE))).endsWith("\"content\":\"fbff00\"}}");
    }

    @Test
    void aMessageOfNoTransactionHasNoTransactionId() {
        var none = new TransactionInfo(0, Lsn.NONE, Instant.EPOCH, Rows.START);
        var message = new LogicalMessage(false, "p", new byte[0], none, new Lsn(200), 0, Rows.START, List.of());
        assertThat(text(json(BinaryHandling.BYTES).value(message)))
                .contains("\"txId\":null,\"lsn\":200,")
                .endsWith("\"message\":{\"prefix\":\"p\",\"content\":\"\"}}");
    }

    @Test
    void itsPlaceInItsTransactionIsTold() {
        var message = new LogicalMessage(
                true, "p", new byte[0], Rows.TRANSACTION, new Lsn(200), 1, Rows.START, List.of(new EventOrder(3, 2)));
        assertThat(text(json(BinaryHandling.BYTES).value(message)))
                .contains("},\"transaction\":{\"id\":\"571:300\",\"total_order\":3,\"data_collection_order\":2},"
                        + "\"message\":");
    }

    private static MessageJson json(BinaryHandling binaries) {
        return new MessageJson("0.1", "app", "shop", binaries, CLOCK);
    }

    private static String text(byte[] json) {
        return new String(json, StandardCharsets.UTF_8);
    }
}
