package io.paillette.capture.envelope;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.capture.CaptureEvent.Begin;
import io.paillette.capture.CaptureEvent.Commit;
import io.paillette.capture.CollectionCount;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TransactionJsonTest {

    private final TransactionJson json = new TransactionJson();

    @Test
    void beginAndEndAreWrittenFieldByFieldInDebeziumsOrder() {
        assertThat(text(json.key(Rows.TRANSACTION))).isEqualTo("{\"id\":\"571:300\"}");
        assertThat(text(json.begin(new Begin(Rows.TRANSACTION, Rows.START))))
                .isEqualTo("{\"status\":\"BEGIN\",\"id\":\"571:300\",\"event_count\":null,"
                        + "\"data_collections\":null,\"ts_ms\":1709210096789}");
        var counts = List.of(new CollectionCount("public.\"a", 2), new CollectionCount("public.b", 1));
        assertThat(text(json.end(new Commit(Rows.TRANSACTION, counts, Rows.START))))
                .isEqualTo("{\"status\":\"END\",\"id\":\"571:300\",\"event_count\":3,\"data_collections\":["
                        + "{\"data_collection\":\"public.\\\"a\",\"event_count\":2},"
                        + "{\"data_collection\":\"public.b\",\"event_count\":1}],\"ts_ms\":1709210096789}");
    }

    private static String text(byte[] json) {
        return new String(json, StandardCharsets.UTF_8);
    }
}
