package io.paillette.broker.rewind;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LsnSearchTest {

    private final Map<Integer, Long> next = new HashMap<>();

    @Test
    void aCommitLsnIsTakenAtItsWord() {
        var search = new LsnSearch(200);
        change(search, 0, 150);
        change(search, 0, 200);
        change(search, 1, 199);
        assertThat(search.found()).containsExactly(Map.entry(0, 1L));
    }

    @Test
    void soIsTheIdOfTransactionMetadata() {
        var search = new LsnSearch(200);
        write(search, 0, debezium("7", 100, 150, "\"transaction\":{\"id\":\"7:199\"}"));
        write(search, 0, debezium("8", 160, 190, "\"transaction\":{\"id\":\"8:200\"}"));
        assertThat(search.found()).containsExactly(Map.entry(0, 1L));
    }

    @Test
    void aTransactionThatIsCertainlyLaterBeginsWithItsFirstRowInEachPartition() {
        var search = new LsnSearch(200);
        write(search, 0, debezium("7", 100, 110, ""));
        write(search, 1, debezium("7", 100, 120, ""));
        write(search, 0, debezium("8", 130, 150, ""));
        write(search, 1, debezium("8", 130, 160, ""));
        write(search, 0, debezium("8", 130, 210, ""));
        assertThat(search.found()).isEqualTo(Map.of(0, 1L, 1, 1L));
    }

    @Test
    void oneThatMayBeLaterIsNotLeftOutAndThoseBeforeItAre() {
        var search = new LsnSearch(200);
        write(search, 0, debezium("7", 100, 110, ""));
        write(search, 1, debezium("7", 100, 120, ""));
        write(search, 0, debezium("8", 130, 150, ""));
        write(search, 0, debezium("9", 220, 230, ""));
        assertThat(search.found()).isEqualTo(Map.of(0, 1L));
    }

    @Test
    void whereTheNextOneBeganBeforeTheLsnAllBeforeThatAreEarlier() {
        var search = new LsnSearch(200);
        write(search, 0, debezium("7", 100, 110, ""));
        write(search, 0, debezium("8", 130, 210, ""));
        assertThat(search.found()).isEqualTo(Map.of(0, 1L));
    }

    @Test
    void ofWal2JsonItIsTheRowsAndTheirTransactionsFirst() {
        var search = new LsnSearch(0x200);
        write(search, 0, "{\"action\":\"I\",\"xid\":7,\"lsn\":\"0/100\",\"schema\":\"public\"}");
        write(search, 0, "{\"action\":\"I\",\"xid\":8,\"lsn\":\"0/150\",\"schema\":\"public\"}");
        write(search, 0, "{\"action\":\"U\",\"xid\":8,\"lsn\":\"0/200\",\"schema\":\"public\"}");
        assertThat(search.found()).isEqualTo(Map.of(0, 1L));
    }

    @Test
    void recordsThatSayNoLsnAreNoPlace() {
        var search = new LsnSearch(200);
        write(search, 0, "{\"id\":1}");
        write(search, 0, "no JSON");
        assertThat(search.any()).isFalse();
        assertThat(search.found()).isEmpty();
    }

    private void change(LsnSearch search, int partition, long commit) {
        write(search, partition, "{\"record\":{},\"metadata\":{\"commit_lsn\":" + commit + "}}");
    }

    private static String debezium(String xid, long after, long lsn, String more) {
        return "{\"op\":\"u\",\"source\":{\"txId\":" + xid + ",\"lsn\":" + lsn + ",\"sequence\":\"[\\\"" + after
                + "\\\",\\\"" + lsn + "\\\"]\"}" + (more.isEmpty() ? "" : "," + more) + "}";
    }

    private void write(LsnSearch search, int partition, String value) {
        long offset = next.merge(partition, 1L, Long::sum) - 1;
        if (!search.done().contains(partition)) {
            search.take(new TopicRecord(partition, offset, 0, null, value.getBytes(UTF_8)));
        }
    }
}
