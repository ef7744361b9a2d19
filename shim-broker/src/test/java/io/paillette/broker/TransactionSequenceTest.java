package io.paillette.broker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TransactionSequenceTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Database database = PostgresServer.shared().newDatabase();

    @TempDir
    Path directory;

    @BeforeEach
    void tables() {
        database.execute("create table a (id int primary key)", "create table b (id int primary key)");
    }

    @Test
    void beginAndEndOfTransactionsAreASequenceAndRecordsTellTheirPlace() throws Exception {
        try (var broker = FedBroker.start(database, directory, Map.of("provide.transaction.metadata", "true"))) {
            database.execute(
                    "do $$ begin insert into a values (1); insert into b values (1), (2); end $$",
                    "update a set id = 2");

            List<JsonNode> told = values(broker.await("app.transaction", 4));
            assertThat(told)
                    .extracting(value -> value.get("status").asText())
                    .containsExactly("BEGIN", "END", "BEGIN", "END");
            String id = told.get(0).get("id").asText();
            assertThat(told.get(1).get("id").asText()).isEqualTo(id);
            assertThat(told.get(1).get("event_count").asInt()).isEqualTo(3);
            assertThat(told.get(1).get("data_collections").toString())
                    .isEqualTo("[{\"data_collection\":\"public.a\",\"event_count\":1},"
                            + "{\"data_collection\":\"public.b\",\"event_count\":2}]");
            assertThat(told.get(3).get("event_count").asInt()).isEqualTo(2);
            assertThat(values(broker.await("app.public.b", 2)))
                    .extracting(value -> value.get("transaction").toString())
                    .containsExactly(
                            "{\"id\":\"" + id + "\",\"total_order\":2,\"data_collection_order\":1}",
                            "{\"id\":\"" + id + "\",\"total_order\":3,\"data_collection_order\":2}");
            assertThat(database.query("select count(*) from paillette.partition p join paillette.topic t"
                            + " on t.id = p.topic_id where t.name = 'app.transaction'"))
                    .isEqualTo("1");
        }
    }

    @Test
    void withoutBeingAskedForTransactionsAreNotTold() throws Exception {
        try (var broker = FedBroker.start(database, directory, Map.of())) {
            database.execute("insert into a values (1)", "insert into a values (2)");
            List<JsonNode> rows = values(broker.await("app.public.a", 2));
            assertThat(rows).allSatisfy(row -> assertThat(row.get("transaction").isNull())
                    .isTrue());
            assertThat(broker.has("app.transaction")).isFalse();
        }
    }

    private static List<JsonNode> values(List<String> records) {
        return records.stream().map(TransactionSequenceTest::value).toList();
    }

    private static JsonNode value(String record) {
        try {
            return JSON.readTree(record.substring(record.indexOf(' ') + 1));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
