package io.paillette.capture;

import static io.paillette.capture.OptionTexts.bytes;
import static io.paillette.capture.OptionTexts.choice;
import static io.paillette.capture.OptionTexts.flag;
import static io.paillette.capture.OptionTexts.number;
import static io.paillette.capture.OptionTexts.require;
import static io.paillette.capture.OptionTexts.text;
import static io.paillette.capture.OptionTexts.textOr;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.paillette.capture.column.ColumnOption;
import io.paillette.capture.column.ColumnRules;
import io.paillette.capture.column.RegexList;
import io.paillette.capture.type.BinaryHandling;
import io.paillette.capture.type.DecimalHandling;
import io.paillette.capture.type.HstoreHandling;
import io.paillette.capture.type.IntervalHandling;
import io.paillette.capture.type.TimePrecision;
import io.paillette.capture.type.ValueHandling;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.regex.Pattern;

/**
 * What to capture and how; already validated.
 *
 * @param name        of the source: names slot and publications by default
 * @param tables      those that are captured
 * @param publication name of the publication of tables that can publish every operation; tables without a replica identity go
 *                    to {@code <publication>_inserts}
 * @param snapshot    whether rows that were there before are read first, and how
 * @param ddlTrigger  whether an event trigger may be installed that lets new tables join at once
 * @param queueBytes  bound of what waits between reader and {@link Capture#poll}
 * @param values      the forms of the types that have several
 * @param told        what of all that happens in the tables
 * @param signals     a captured table whose new rows say what to do
 */
public record CaptureSettings(
        String name,
        Server server,
        TableSelection tables,
        String publication,
        SnapshotRules snapshot,
        boolean ddlTrigger,
        long queueBytes,
        SlotRules slotRules,
        ValueHandling values,
        Told told,
        Optional<TableName> signals) {

    /** Longest identifier Postgres keeps whole (NAMEDATALEN - 1), in bytes. */
    private static final int IDENTIFIER_BYTES = 63;

    private static final Pattern SLOT = Pattern.compile("[a-z0-9_]{1,63}");
    private static final Duration SLOT_PATIENCE = Duration.ofSeconds(60);

    /** Each has a connection, of which a server has a hundred by default. */
    private static final int MOST_SNAPSHOT_THREADS = 64;

    private static final String INSERTS_SUFFIX = "_inserts";

    /** Whether existing rows are read when there is no stored position. */
    public enum SnapshotMode {
        INITIAL,
        NO_DATA
    }

    /** What happens when the slot cannot go on from the stored position. */
    public enum OnSlotLoss {
        FAIL,
        RESNAPSHOT
    }

    /**
     * How to get there.
     *
     * @param jdbcUrl    {@code jdbc:postgresql://...}
     * @param user       role, or empty when the URL names it
     * @param password   of the role, or empty
     * @param standbyUrl {@code jdbc:postgresql://...} of a standby that has the slot, or empty
     * @param unixSocket directory of the Unix-domain socket of the server that has the slot, {@code auto} or {@code off}
     */
    public record Server(String jdbcUrl, String user, String password, String unixSocket, String standbyUrl) {

        /** Whether a standby of the server has the slot. */
        public boolean hasStandby() {
            return !standbyUrl.isEmpty();
        }

        /** The server that has the slot. */
        public Server ofSlot() {
            return hasStandby() ? new Server(standbyUrl, user, password, unixSocket, "") : this;
        }
    }

    /**
     * The reading of rows that were there before.
     *
     * @param threads as many tables are read at the same time
     */
    public record SnapshotRules(SnapshotMode mode, int threads) {}

    /**
     * The replication slot, and what is done about one in trouble.
     *
     * @param patience                how long an earlier reader, one that calls itself as we do, is waited for before it is ended
     * @param onLoss                  when it cannot go on from the stored position
     * @param failover                standbys keep a copy of it, where the server can
     * @param retainedWarnBytes       WAL held back from which on a person is warned
     * @param everyPositionIsDurable  what is given to {@link Capture#stored} is exactly what is read back after a crash, so a
     *                                slot that has let go of more was advanced by somebody else
     */
    public record SlotRules(
            String name,
            Duration patience,
            OnSlotLoss onLoss,
            boolean failover,
            long retainedWarnBytes,
            boolean everyPositionIsDurable) {}

    /**
     * What is delivered.
     *
     * @param messages            the logical messages that are
     * @param transactionMetadata whether begin and end of transactions, and each record's place in its own, are told
     * @param columns             which columns, in what form
     * @param skipped             changes that are not
     * @param unavailable         what stands for values that the WAL does not carry
     */
    public record Told(
            MessagePrefixes messages,
            boolean transactionMetadata,
            ColumnRules columns,
            SkippedChanges skipped,
            UnavailableValues unavailable) {}

    /** The same without masks. */
    public static CaptureSettings of(String name, Map<CaptureOption, String> options) {
        return of(name, options, Map.of());
    }

    /**
     * Reads and checks options.
     *
     * @param name    of the source
     * @param options values as the user wrote them; one that is absent has its default
     * @param masks   those of {@link ColumnOption}, by key; others are ignored
     * @throws IllegalArgumentException naming the option, what was found and what is expected
     */
    public static CaptureSettings of(String name, Map<CaptureOption, String> options, Map<String, String> masks) {
        String url = text(options, CaptureOption.URL);
        require(
                url.startsWith("jdbc:postgresql:"),
                CaptureOption.URL,
                "must begin with jdbc:postgresql://, as in jdbc:postgresql://localhost:5432/app");
        String derived = "paillette_" + name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9_]", "_");
        String slot = textOr(options, CaptureOption.SLOT_NAME, derived);
        require(
                SLOT.matcher(slot).matches(),
                CaptureOption.SLOT_NAME,
                "\"" + slot + "\" must be 1 to 63 lower-case letters, digits and underscores");
        String publication = textOr(options, CaptureOption.PUBLICATION_NAME, derived);
        require(
                publication.getBytes(UTF_8).length <= IDENTIFIER_BYTES - INSERTS_SUFFIX.length(),
                CaptureOption.PUBLICATION_NAME,
                "\"" + publication + "\" must be at most " + (IDENTIFIER_BYTES - INSERTS_SUFFIX.length())
                        + " bytes, so that " + INSERTS_SUFFIX + " can follow");
        return new CaptureSettings(
                name,
                new Server(
                        url,
                        text(options, CaptureOption.USER),
                        text(options, CaptureOption.PASSWORD),
                        textOr(options, CaptureOption.UNIX_SOCKET_DIRECTORY, "auto"),
                        standbyUrl(options)),
                tables(options),
                publication,
                new SnapshotRules(
                        choice(options, CaptureOption.SNAPSHOT_MODE, SnapshotMode.class),
                        number(options, CaptureOption.SNAPSHOT_MAX_THREADS, MOST_SNAPSHOT_THREADS)),
                flag(options, CaptureOption.DDL_TRIGGER),
                bytes(options, CaptureOption.MAX_QUEUE_BYTES),
                new SlotRules(
                        slot,
                        SLOT_PATIENCE,
                        choice(options, CaptureOption.ON_SLOT_LOSS, OnSlotLoss.class),
                        flag(options, CaptureOption.SLOT_FAILOVER),
                        bytes(options, CaptureOption.SLOT_RETAINED_WAL_WARN_BYTES),
                        false),
                values(options),
                new Told(
                        messages(options),
                        flag(options, CaptureOption.PROVIDE_TRANSACTION_METADATA),
                        columns(options).masking(masks),
                        skipped(options),
                        new UnavailableValues(
                                choice(
                                        options,
                                        CaptureOption.UNAVAILABLE_VALUE_HANDLING,
                                        UnavailableValues.Handling.class),
                                bytes(options, CaptureOption.UNAVAILABLE_VALUE_MEMORY_BYTES))),
                Optional.empty());
    }

    /**
     * The same with a table of signals, which is captured whether it is selected or not.
     *
     * @throws IllegalArgumentException when it is excluded
     */
    public CaptureSettings signalledBy(TableName table) {
        TableSelection with = tables.and(table);
        if (!with.contains(table)) {
            throw new IllegalArgumentException(
                    CaptureOption.TABLE_EXCLUDE_LIST.key() + ": excludes " + table + ", whose rows are to be signals");
        }
        return new CaptureSettings(
                name,
                server,
                with,
                publication,
                snapshot,
                ddlTrigger,
                queueBytes,
                slotRules,
                values,
                told,
                Optional.of(table));
    }

    private static String standbyUrl(Map<CaptureOption, String> options) {
        String url = text(options, CaptureOption.STANDBY_URL);
        require(
                url.isEmpty() || url.startsWith("jdbc:postgresql:"),
                CaptureOption.STANDBY_URL,
                "must begin with jdbc:postgresql://, or be empty");
        require(
                url.isEmpty() || !flag(options, CaptureOption.SLOT_FAILOVER),
                CaptureOption.STANDBY_URL,
                "may not be given beside " + CaptureOption.SLOT_FAILOVER.key()
                        + ": standbys keep copies of the primary's slots only");
        return url;
    }

    public String slot() {
        return slotRules.name();
    }

    /** The same, for a caller who knows that an earlier reader of the slot has no right to it any more. */
    public CaptureSettings takingSlotOverAfter(Duration patience) {
        return with(new SlotRules(
                slot(),
                patience,
                slotRules.onLoss(),
                slotRules.failover(),
                slotRules.retainedWarnBytes(),
                slotRules.everyPositionIsDurable()));
    }

    /** The same, for a caller who stores every position before it says so, those without rows too. */
    public CaptureSettings storingEveryPosition() {
        return with(new SlotRules(
                slot(),
                slotRules.patience(),
                slotRules.onLoss(),
                slotRules.failover(),
                slotRules.retainedWarnBytes(),
                true));
    }

    private CaptureSettings with(SlotRules rules) {
        return new CaptureSettings(
                name, server, tables, publication, snapshot, ddlTrigger, queueBytes, rules, values, told, signals);
    }

    /** The publication of tables without a replica identity: inserts and truncates only. */
    public String insertsPublication() {
        return publication + INSERTS_SUFFIX;
    }

    /** The publication that lists tables whose earlier rows are still to be read; it publishes nothing. */
    public String joiningPublication() {
        return publication + "_joining";
    }

    private static TableSelection tables(Map<CaptureOption, String> options) {
        RegexList included = regexes(options, CaptureOption.TABLE_INCLUDE_LIST);
        RegexList excluded = regexes(options, CaptureOption.TABLE_EXCLUDE_LIST);
        if (included.isEmpty()) {
            return new TableSelection(patterns(options), included, excluded);
        }
        String byDefault = CaptureOption.TABLES.defaultValue().orElseThrow();
        require(
                text(options, CaptureOption.TABLES).equals(byDefault),
                CaptureOption.TABLE_INCLUDE_LIST,
                "may not be given beside " + CaptureOption.TABLES.key());
        return new TableSelection(List.of(), included, excluded);
    }

    private static List<TablePattern> patterns(Map<CaptureOption, String> options) {
        List<String> patterns = Arrays.stream(
                        text(options, CaptureOption.TABLES).split(",", -1))
                .map(String::strip)
                .filter(pattern -> !pattern.isEmpty())
                .toList();
        require(!patterns.isEmpty(), CaptureOption.TABLES, "names no table; public.* captures schema public");
        for (String pattern : patterns) {
            require(
                    pattern.indexOf('.') > 0 && !pattern.endsWith("."),
                    CaptureOption.TABLES,
                    "\"" + pattern + "\" must be schema.table, as in public.* or public.orders");
        }
        return patterns.stream().map(TablePattern::new).toList();
    }

    private static RegexList regexes(Map<CaptureOption, String> options, CaptureOption option) {
        return RegexList.of(option.key(), text(options, option));
    }

    private static ValueHandling values(Map<CaptureOption, String> options) {
        return new ValueHandling(
                choice(options, CaptureOption.DECIMAL_HANDLING_MODE, DecimalHandling.class),
                choice(options, CaptureOption.TIME_PRECISION_MODE, TimePrecision.class),
                choice(options, CaptureOption.INTERVAL_HANDLING_MODE, IntervalHandling.class),
                choice(options, CaptureOption.HSTORE_HANDLING_MODE, HstoreHandling.class),
                choice(options, CaptureOption.BINARY_HANDLING_MODE, BinaryHandling.class));
    }

    private static MessagePrefixes messages(Map<CaptureOption, String> options) {
        return eitherOf(
                options,
                CaptureOption.MESSAGE_PREFIX_INCLUDE_LIST,
                CaptureOption.MESSAGE_PREFIX_EXCLUDE_LIST,
                MessagePrefixes::new);
    }

    private static ColumnRules columns(Map<CaptureOption, String> options) {
        ColumnRules told = eitherOf(
                options,
                CaptureOption.COLUMN_INCLUDE_LIST,
                CaptureOption.COLUMN_EXCLUDE_LIST,
                ColumnRules.NONE::telling);
        CaptureOption keys = CaptureOption.MESSAGE_KEY_COLUMNS;
        return told.keyed(keys.key(), text(options, keys));
    }

    /** Two lists of which at most one may be given. */
    private static <T> T eitherOf(
            Map<CaptureOption, String> options,
            CaptureOption include,
            CaptureOption exclude,
            BiFunction<RegexList, RegexList, T> lists) {
        RegexList included = regexes(options, include);
        RegexList excluded = regexes(options, exclude);
        require(included.isEmpty() || excluded.isEmpty(), exclude, "may not be given beside " + include.key());
        return lists.apply(included, excluded);
    }

    private static SkippedChanges skipped(Map<CaptureOption, String> options) {
        CaptureOption option = CaptureOption.SKIPPED_OPERATIONS;
        try {
            return new SkippedChanges(
                    SkippedChanges.operations(text(options, option)),
                    flag(options, CaptureOption.SKIP_MESSAGES_WITHOUT_CHANGE));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(option.key() + ": " + e.getMessage(), e);
        }
    }

    @Override
    public String toString() {
        return "CaptureSettings[" + name + ", tables=" + tables + ", slot=" + slot() + ", publication=" + publication
                + "]";
    }
}
