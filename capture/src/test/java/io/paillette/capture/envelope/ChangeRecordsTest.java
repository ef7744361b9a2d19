package io.paillette.capture.envelope;

import static io.paillette.capture.envelope.Rows.ORDERS;
import static io.paillette.capture.envelope.Rows.column;
import static io.paillette.capture.envelope.Rows.event;
import static io.paillette.capture.envelope.Rows.key;
import static io.paillette.capture.envelope.Rows.row;
import static io.paillette.capture.envelope.Rows.table;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paillette.capture.CaptureEvent;
import io.paillette.capture.CaptureEvent.Kind;
import io.paillette.capture.Lsn;
import io.paillette.capture.Relation;
import io.paillette.capture.Relation.ReplicaIdentity;
import io.paillette.capture.Tuple;
import io.paillette.capture.type.ColumnType.Scalar;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ChangeRecordsTest {

    private static final Relation KEYLESS = table("log", ReplicaIdentity.FULL, column("line", Scalar.TEXT));
    private static final Relation FULL =
            table("full", ReplicaIdentity.FULL, key("id", Scalar.INT4), column("note", Scalar.TEXT));

    @Test
    void aReadAnInsertAndAnUpdateAreOneRecordEach() {
        assertThat(records(event(Kind.READ, ORDERS, null, false, row("1", "a"))))
                .containsExactly("READ key=[1, a] before=null after=[1, a]");
        assertThat(records(event(Kind.INSERT, ORDERS, null, false, row("1", "a"))))
                .containsExactly("CREATE key=[1, a] before=null after=[1, a]");
        assertThat(records(event(Kind.UPDATE, ORDERS, null, false, row("1", "b"))))
                .containsExactly("UPDATE key=[1, b] before=null after=[1, b]");
    }

    @Test
    void anUpdateUnderFullIdentityKnowsTheRowBefore() {
        assertThat(records(event(Kind.UPDATE, FULL, row("1", "a"), false, row("1", "b"))))
                .containsExactly("UPDATE key=[1, b] before=[1, a] after=[1, b]");
    }

    @Test
    void aDeleteIsFollowedByATombstone() {
        assertThat(records(event(Kind.DELETE, ORDERS, row("1", null), true, null)))
                .containsExactly(
                        "DELETE key=[1, null] before=[1, null] after=null",
                        "TOMBSTONE key=[1, null] before=null after=null");
    }

    @Test
    void aTableWithoutAKeyHasNeitherKeysNorTombstones() {
        assertThat(records(event(Kind.INSERT, KEYLESS, null, false, row("a"))))
                .containsExactly("CREATE key=null before=null after=[a]");
        assertThat(records(event(Kind.UPDATE, KEYLESS, row("a"), false, row("b"))))
                .containsExactly("UPDATE key=null before=[a] after=[b]");
        assertThat(records(event(Kind.DELETE, KEYLESS, row("a"), false, null)))
                .containsExactly("DELETE key=null before=[a] after=null");
    }

    @Test
    void aChangedKeyIsADeleteATombstoneAndACreateLinkedToEachOther() {
        assertThat(records(event(Kind.UPDATE, ORDERS, row("1", null), true, row("2", "b"))))
                .containsExactly(
                        "DELETE key=[1, null] before=[1, null] after=null __debezium.newkey=[2, b]",
                        "TOMBSTONE key=[1, null] before=null after=null __debezium.newkey=[2, b]",
                        "CREATE key=[2, b] before=null after=[2, b] __debezium.oldkey=[1, null]");
        assertThat(records(event(Kind.UPDATE, FULL, row("1", "a"), false, row("2", "a"))))
                .startsWith("DELETE key=[1, a] before=[1, a] after=null __debezium.newkey=[2, a]");
    }

    @Test
    void anUnchangedToastedValueComesFromTheRowBeforeWhereThatHasIt() {
        assertThat(records(event(Kind.UPDATE, FULL, row("1", "wide"), false, row("1", "?"))))
                .containsExactly("UPDATE key=[1, wide] before=[1, wide] after=[1, wide]");
        assertThat(records(event(Kind.UPDATE, ORDERS, null, false, row("1", "?"))))
                .containsExactly("UPDATE key=[1, ?] before=null after=[1, ?]");
        assertThat(records(event(Kind.UPDATE, ORDERS, row("1", null), true, row("2", "?"))))
                .last()
                .isEqualTo("CREATE key=[2, ?] before=null after=[2, ?] __debezium.oldkey=[1, null]");
    }

    @Test
    void aKeyThatIsItselfToastedIsNotTakenForChanged() {
        Relation wideKey = table("wide", ReplicaIdentity.DEFAULT, key("id", Scalar.TEXT), column("n", Scalar.INT4));
        assertThat(records(event(Kind.UPDATE, wideKey, row("long", null), true, row("?", "2"))))
                .containsExactly("UPDATE key=[long, 2] before=[long, null] after=[long, 2]");
    }

    @Test
    void aDeleteWhoseOldRowLacksTheKeySaysWhatToDo() {
        Relation other = table("other", ReplicaIdentity.INDEX, key("id", Scalar.INT4), column("code", Scalar.TEXT));
        assertThatThrownBy(() -> records(event(Kind.DELETE, other, row(null, "c"), true, null)))
                .hasMessageContaining("key column \"id\"")
                .hasMessageContaining("ALTER TABLE public.other REPLICA IDENTITY DEFAULT");
        assertThat(records(event(Kind.UPDATE, other, row(null, "c"), true, row("1", "d"))))
                .containsExactly("UPDATE key=[1, d] before=[null, c] after=[1, d]");
    }

    /** The root of a partitioned table is FULL, and the partition has the default. */
    @Test
    void anOldRowThatIsSaidToBeWholeAndLacksTheKeyHasNoEmptyOne() {
        assertThatThrownBy(() -> records(event(Kind.DELETE, FULL, row(null, "a"), false, null)))
                .hasMessageContaining("the WAL does not carry key column \"id\"");
    }

    @Test
    void aTruncateIsOneRecordForEachTable() {
        var truncate = new CaptureEvent.Truncate(
                List.of(ORDERS, KEYLESS), false, false, Rows.TRANSACTION, new Lsn(200), 3, Rows.START, List.of());
        assertThat(ChangeRecords.of(truncate).stream().map(r -> r.relation().name() + " " + text(r)))
                .containsExactly(
                        "public.orders TRUNCATE key=null before=null after=null",
                        "public.log TRUNCATE key=null before=null after=null");
    }

    private static List<String> records(CaptureEvent.Row row) {
        return ChangeRecords.of(row).stream().map(ChangeRecordsTest::text).toList();
    }

    private static String text(ChangeRecord record) {
        KeyLink link = record.link();
        return record.op() + " key=" + text(record.key()) + " before=" + text(record.before()) + " after="
                + text(record.after()) + (link == null ? "" : " " + link.header() + "=" + text(link.key()));
    }

    private static String text(@Nullable Tuple tuple) {
        if (tuple == null) {
            return "null";
        }
        List<String> values = new ArrayList<>();
        for (int i = 0; i < tuple.size(); i++) {
            byte[] value = tuple.value(i);
            values.add(value == null ? "null" : tuple.isUnchanged(i) ? "?" : new String(value, StandardCharsets.UTF_8));
        }
        return values.toString();
    }
}
