package io.paillette.capture;

import io.paillette.capture.snapshot.RowPlace;
import io.paillette.capture.snapshot.SegmentBounds;
import io.paillette.testkit.PostgresServer.Database;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * A consumer of captures that are given up at random, one after the other. It applies what they deliver, stores where it
 * stands only now and then, and begins each capture there.
 */
final class Replay {

    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final int TRANSACTIONS = 80;
    private static final int MOST_EVENTS = 500;

    /** In one statement, and so at one moment. */
    private static final String UNSETTLED =
            """
            with published as (
                select r.prrelid as oid,
                       bool_or(p.pubname = '%1$s') as in_all,
                       bool_or(p.pubname = '%2$s') as in_inserts,
                       bool_or(p.pubname = '%3$s') as in_joining
                from pg_publication_rel r
                join pg_publication p on p.oid = r.prpubid
                group by r.prrelid
            )
            select count(*)
            from pg_class c
            left join published p on p.oid = c.oid
            where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
              and (p.in_joining
                   or not c.relispartition and not coalesce(p.in_all or p.in_inserts, false)
                   or not c.relispartition and p.in_inserts
                      and (c.relreplident = 'f'
                           or c.relreplident = 'd' and exists (
                               select from pg_index i where i.indrelid = c.oid and i.indisprimary)))
            """;

    private final Database source;
    private final CaptureSettings settings;
    private final RandomWorkload workload;
    private final Replica replica;
    private final long seed;
    private final Random random;
    private final long deadline = System.nanoTime() + PATIENCE.toNanos();

    private @Nullable Position stored;
    private @Nullable CaptureEvent last;
    private long events;
    private int captures;
    private int lastWord;
    private boolean over;
    private boolean done;

    Replay(Database source, CaptureSettings settings, RandomWorkload workload, Replica replica, long seed) {
        this.source = source;
        this.settings = settings;
        this.workload = workload;
        this.replica = replica;
        this.seed = seed;
        this.random = new Random(seed);
    }

    /** Reads the tables, which are empty, before anything is written, so that all that is told of them are changes. */
    void readFirst() throws Exception {
        stored = RunningCapture.read(settings);
    }

    /** Returns when the workload is over and all of it applied. */
    void run() throws Exception {
        Capture.start(settings, from()).close();
        workload.start(TRANSACTIONS);
        while (!done) {
            captures++;
            last = null;
            from().map(position -> position.snapshot().reading()).orElse(List.of()).stream()
                    .filter(table -> RowPlace.isOrder(table.key()))
                    .forEach(table -> replica.readOn(table.oid()));
            try (var capture = Capture.start(settings, from(), bounds())) {
                follow(capture, 1 + random.nextInt(MOST_EVENTS));
            } catch (CaptureException e) {
                if (!e.isTransient()) {
                    throw new AssertionError(this.toString(), e);
                }
            }
        }
    }

    private Optional<Position> from() {
        return Optional.ofNullable(stored).map(position -> PositionText.read(PositionText.write(position)));
    }

    /** Now and then so short that tables change between them. */
    private SegmentBounds bounds() {
        return random.nextBoolean()
                ? SegmentBounds.STANDARD
                : new SegmentBounds(1 + random.nextInt(20), Duration.ofMillis(random.nextInt(3)));
    }

    private void follow(Capture capture, int most) throws Exception {
        boolean cutByServer = random.nextInt(3) == 0;
        int taken = 0;
        while (!done && (taken < most || lastWord > 0)) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not over in time: " + this);
            }
            List<CaptureEvent> polled = capture.poll(Duration.ofMillis(100));
            for (CaptureEvent event : polled) {
                apply(event);
                if (random.nextInt(100) == 0) {
                    store(capture);
                }
                if (++taken == most && lastWord == 0) {
                    break;
                }
            }
            replica.commit();
            if (polled.isEmpty() && workload.isOver()) {
                store(capture);
                sayLastWord();
            }
        }
        if (cutByServer && !done) {
            source.query("select count(pg_terminate_backend(active_pid)) from pg_replication_slots where slot_name = '"
                    + settings.slot() + "'");
        }
    }

    private void apply(CaptureEvent event) throws SQLException {
        events++;
        replica.apply(event);
        last = event;
        if (event instanceof CaptureEvent.SnapshotStep
                || (event instanceof CaptureEvent.Row read && read.kind() == CaptureEvent.Kind.READ)) {
            // Rows that are read have no place by which one that comes again would be known.
            stored = event.position();
        }
        if (event instanceof CaptureEvent.Row row
                && row.relation().name().table().equals("sentinel")
                && RunningCapture.values(row).equals(List.of(String.valueOf(lastWord)))) {
            over = true;
        }
        SnapshotProgress progress = event.position().snapshot();
        if (over && progress.again().isEmpty() && progress.reading().isEmpty()) {
            replica.takeInAll();
            done = true;
        }
    }

    private void store(Capture capture) {
        if (last != null) {
            stored = last.position();
            capture.stored(stored);
        }
    }

    /** Not before every table is where it belongs and has joined: rows that joining tables had are read at any time. */
    private void sayLastWord() throws SQLException {
        if (lastWord == 0 && source.query(UNSETTLED.formatted(names())).equals("0") && missedNone()) {
            lastWord = 1;
            workload.end(lastWord);
        }
    }

    private Object[] names() {
        return new Object[] {settings.publication(), settings.insertsPublication(), settings.joiningPublication()};
    }

    /**
     * A table that has lost its identity again before it could be moved may lack updates until it has one: so it gets one. That it
     * is told whole then is what is to be shown.
     */
    private boolean missedNone() throws SQLException {
        String missed = source.query(
                "select coalesce(string_agg(format('alter table %s replica identity full', u.relation::regclass), ';'), '')"
                        + " from paillette_capture.unplaced u join pg_class c on c.oid = u.relation"
                        + " where c.relkind = 'r' and not c.relispartition");
        if (missed.isEmpty()) {
            return true;
        }
        source.execute(missed);
        return false;
    }

    @Override
    public String toString() {
        return "seed " + seed + ", capture " + captures + ", event " + events + ", last word " + lastWord + ", stored "
                + stored;
    }
}
