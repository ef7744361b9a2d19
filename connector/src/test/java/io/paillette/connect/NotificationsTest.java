package io.paillette.connect;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.capture.Backfill;
import io.paillette.capture.BackfillProgress;
import io.paillette.capture.Lsn;
import io.paillette.capture.Position;
import io.paillette.capture.SnapshotProgress;
import io.paillette.capture.SnapshotProgress.TableSnapshot;
import io.paillette.capture.TableName;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.connect.data.Struct;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class NotificationsTest {

    private static final TableName A = new TableName("public", "a");
    private static final TableName B = new TableName("public", "b");

    private Notifications notifications = from(null);

    @Test
    void theFirstReadingIsToldFromItsBeginningToItsEnd() {
        var table = new TableSnapshot(7, A, "1:1:", new Lsn(9));
        assertThat(told(SnapshotProgress.NOT_STARTED)).containsExactly("Initial Snapshot STARTED {}");
        assertThat(told(SnapshotProgress.NOT_STARTED.read(table)))
                .containsExactly(
                        "Initial Snapshot TABLE_SCAN_COMPLETED {scanned_collection=public.a, status=SUCCEEDED}");
        assertThat(told(SnapshotProgress.NOT_STARTED.read(table).completed()))
                .containsExactly("Initial Snapshot COMPLETED {}");
        assertThat(told(SnapshotProgress.DONE)).isEmpty();
    }

    @Test
    void whoReadsNothingFirstIsToldSoOnce() {
        assertThat(told(SnapshotProgress.DONE)).containsExactly("Initial Snapshot SKIPPED {}");
        assertThat(told(SnapshotProgress.DONE.completed())).isEmpty();
        notifications = from(SnapshotProgress.DONE);
        assertThat(told(SnapshotProgress.DONE.completed())).isEmpty();
    }

    @Test
    void theTablesOfASignalAreToldTogether() {
        notifications = from(SnapshotProgress.DONE);
        var a = BackfillProgress.of(new Backfill("s@0/1.1/public.a", A, "", false));
        var b = BackfillProgress.of(new Backfill("s@0/1.1/public.b", B, "", false));
        assertThat(told(with(a, b))).containsExactly("s STARTED {data_collections=public.a,public.b}");
        assertThat(told(with(a.upTo(List.of("1"), 5, 50), b))).isEmpty();
        var done = a.upTo(List.of("1"), 5, 50).done();
        assertThat(told(with(done, b)))
                .containsExactly("s TABLE_SCAN_COMPLETED {data_collections=public.a,public.b,"
                        + " scanned_collection=public.a, status=SUCCEEDED, total_rows_scanned=5}");
        assertThat(told(with(done, b.failed("no"))))
                .containsExactly(
                        "s TABLE_SCAN_COMPLETED {data_collections=public.a,public.b, scanned_collection=public.b,"
                                + " status=SQL_EXCEPTION, total_rows_scanned=0}",
                        "s COMPLETED {}");
    }

    @Test
    void aPauseAndWhatIsStoppedIsTold() {
        var running = BackfillProgress.of(new Backfill("s@0/1.1/public.a", A, "", false));
        var paused = BackfillProgress.of(new Backfill("s@0/1.1/public.a", A, "", true));
        notifications = from(with(running));
        assertThat(told(with(paused))).containsExactly("s PAUSED {data_collections=public.a}");
        assertThat(told(with(running))).containsExactly("s RESUMED {data_collections=public.a}");
        assertThat(told(SnapshotProgress.DONE)).containsExactly("s ABORTED {data_collections=public.a}");
    }

    @Test
    void whatEndedLongAgoIsForgottenWithoutAWord() {
        notifications = from(with(BackfillProgress.of(new Backfill("s@0/1.1/public.a", A, "", false))
                .done()));
        assertThat(told(SnapshotProgress.DONE)).isEmpty();
    }

    private static SnapshotProgress with(BackfillProgress... backfills) {
        return SnapshotProgress.DONE.backfilling(List.of(backfills));
    }

    private static Notifications from(@Nullable SnapshotProgress stored) {
        return new Notifications(
                new Notifications.Channels(Optional.of("told"), true),
                "app",
                Optional.ofNullable(stored).map(progress -> Position.between(new Lsn(1), progress)),
                InstantSource.fixed(Instant.EPOCH));
    }

    private List<String> told(SnapshotProgress progress) {
        return notifications.of(Position.between(new Lsn(1), progress)).stream()
                .map(change -> (Struct) change.value())
                .map(NotificationsTest::text)
                .toList();
    }

    private static String text(Struct value) {
        Map<String, String> data = new TreeMap<>(value.getMap("additional_data"));
        assertThat(data.remove("connector_name")).isEqualTo("app");
        boolean initial = value.getString("aggregate_type").equals("Initial Snapshot");
        return (initial ? "Initial Snapshot" : value.getString("id")) + " " + value.getString("type") + " " + data;
    }
}
