package io.paillette.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paillette.capture.SnapshotProgress.KeyColumn;
import io.paillette.capture.SnapshotProgress.Segment;
import io.paillette.capture.SnapshotProgress.TableSnapshot;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PositionTextTest {

    private static final String GOOD =
            "{\"end\":\"0/16B3748\",\"commit\":\"0/0\",\"ordinal\":0,\"snapshot\":{\"complete\":true,\"tables\":[]}}";

    private static final String LAST = "\"snapshot\":\"1:1:\",\"until\":\"0/1\"";
    private static final String TABLE = "\"oid\":1,\"schema\":\"s\",\"table\":\"t\"," + LAST;
    private static final String KEY =
            "\"key\":[{\"name\":\"id\",\"type\":23,\"modifier\":-1,\"collation\":0,\"greater\":521}]";

    @Test
    void aPositionBetweenTransactionsIsOneShortLine() {
        var position = Position.between(Lsn.parse("0/16B3748"), SnapshotProgress.DONE);
        assertThat(PositionText.write(position)).isEqualTo(GOOD);
    }

    @Test
    void aPositionRemembersItsServerAndAnOlderOneStillHasNone() {
        var position = Position.between(Lsn.parse("0/16B3748"), SnapshotProgress.DONE)
                .on(new ServerIdentity("18446744073709551615", 3));
        assertThat(PositionText.write(position))
                .endsWith(",\"server\":{\"system\":\"18446744073709551615\",\"timeline\":3}}");
        assertThat(PositionText.read(PositionText.write(position))).isEqualTo(position);
        assertThat(PositionText.read(GOOD).server()).isEmpty();
    }

    @Test
    void aTableThatWasReadInOneGoStandsThereAsOlderVersionsWroteIt() {
        String older = GOOD.replace(
                "[]",
                "[{\"oid\":4294967295,\"schema\":\"public\",\"table\":\"t\",\"snapshot\":\"750:752:751\","
                        + "\"until\":\"0/16B3748\"}]");
        var table = new TableSnapshot(-1, new TableName("public", "t"), "750:752:751", Lsn.parse("0/16B3748"));
        var position = Position.between(Lsn.parse("0/16B3748"), new SnapshotProgress(true, List.of(table)));
        assertThat(PositionText.read(older)).isEqualTo(position);
        assertThat(PositionText.write(position)).isEqualTo(older);
    }

    @Test
    void aTableInTheMiddleOfItsReadingSaysHowFarItIs() {
        var key = List.of(new KeyColumn("id", 23, -1, 0, 521), new KeyColumn("n", 25, 7, 100, 666));
        var until = Lsn.parse("0/16B3748");
        var table = new TableSnapshot(
                7,
                new TableName("public", "t"),
                key,
                List.of(new Segment(List.of("-5", "a\"b"), "745:745:", until)),
                new Segment(List.of("12", ""), "750:750:", until),
                4_294_967_295L);
        var position =
                Position.between(until, SnapshotProgress.NOT_STARTED.anew(9).during(table));
        assertThat(PositionText.write(position))
                .contains(
                        "\"tables\":[],\"reading\":{\"oid\":7,\"schema\":\"public\",\"table\":\"t\","
                                + "\"upTo\":[\"12\",\"\"],\"snapshot\":\"750:750:\",\"until\":\"0/16B3748\",\"mark\":4294967295,\"key\":["
                                + "{\"name\":\"id\",\"type\":23,\"modifier\":-1,\"collation\":0,\"greater\":521},"
                                + "{\"name\":\"n\",\"type\":25,\"modifier\":7,\"collation\":100,\"greater\":666}],\"earlier\":"
                                + "[{\"upTo\":[\"-5\",\"a\\\"b\"],\"snapshot\":\"745:745:\",\"until\":\"0/16B3748\"}]},\"again\":[9]");
        assertThat(PositionText.read(PositionText.write(position))).isEqualTo(position);
    }

    @Test
    void severalTablesInTheMiddleOfTheirReadingStandInAnArray() {
        var key = List.of(new KeyColumn("id", 23, -1, 0, 521));
        var until = Lsn.parse("0/16B3748");
        var first = new TableSnapshot(
                7, new TableName("public", "t"), key, List.of(), new Segment(List.of("12"), "750:750:", until), 0);
        var second = new TableSnapshot(
                8, new TableName("public", "u"), key, List.of(), new Segment(List.of("5"), "751:751:", until), 0);
        var position = Position.between(
                until, SnapshotProgress.NOT_STARTED.during(first).during(second));
        String text = PositionText.write(position);
        assertThat(text).contains("\"reading\":[{\"oid\":7,", "},{\"oid\":8,");
        assertThat(PositionText.read(text)).isEqualTo(position);
        assertThatThrownBy(() -> PositionText.read(text.replace("\"oid\":8", "\"oid\":7")))
                .hasMessageContaining("has a table twice");
        assertThat(position.snapshot().without(7).reading()).containsExactly(second);
        assertThat(position.snapshot().only(7).reading()).containsExactly(first);
    }

    @Test
    void whatIsWrittenIsReadBack() {
        long seed = System.nanoTime();
        var random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            Position position = position(random);
            String text = PositionText.write(position);
            assertThat(text).as("seed %d, round %d", seed, i).doesNotContain("\n");
            assertThat(PositionText.read(text)).as("seed %d, round %d", seed, i).isEqualTo(position);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "0/16B3748         | 0/16Z          | not a position",
                "\"ordinal\":0,    | ` `            | \"ordinal\" is missing",
                "\"ordinal\":0     | \"ordinal\":-1 | out of range",
                "\"ordinal\":0     | \"ordinal\":\"0\" | expected VALUE_NUMBER_INT",
                "\"ordinal\":0     | \"ordinal\":null | expected VALUE_NUMBER_INT",
                "\"ordinal\":0     | \"ordinal\":0,\"later\":1 | unknown field \"later\"",
                "\"ordinal\":0     | \"ordinal\":0,\"ordinal\":1 | Duplicate field",
                "true              | 1              | \"complete\" is not true or false",
                "\"tables\":[]     | \"tables\":[{\"oid\":1}] | \"schema\" is missing",
                "\"tables\":[]     | \"tables\":[{\"oid\":4294967296}] | out of range",
                "\"ordinal\":0     | \"ordinal\":0,\"server\":{\"system\":\"1\"} | \"server.timeline\" is missing",
                "\"tables\":[]     | \"tables\":{}  | expected START_ARRAY",
                "\"tables\":[]     | \"tables\":[],\"again\":[-1] | out of range",
                "\"tables\":[]     | \"tables\":[],\"reading\":{" + TABLE + "} | does not say how far",
                "\"tables\":[]     | \"tables\":[{" + TABLE + ",\"upTo\":[\"1\"]}] | up to a key of 0 columns",
                "\"tables\":[]     | \"tables\":[{" + TABLE + ",\"upTo\":[\"1\"]," + KEY
                        + "}] | was not read to its end",
                "\"tables\":[]     | \"tables\":[{" + TABLE + ",\"earlier\":[{" + LAST + "}]}] | \"upTo\" is missing",
                "\"tables\":[]     | \"tables\":[{\"key\":[{\"name\":\"id\"}]}] | \"type\" is missing",
                "}}                | }              | not a position",
                "}}                | }}{}           | more text",
            })
    void aTextThatIsNotExactlyAPositionIsRefusedWithTheReason(String from, String to, String reason) {
        assertThat(GOOD).contains(from);
        assertThatThrownBy(() -> PositionText.read(GOOD.replace(from, to)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(reason);
    }

    @Test
    void aTextThatEndsTooEarlyIsRefused() {
        for (int length = 0; length < GOOD.length(); length++) {
            String cut = GOOD.substring(0, length);
            assertThatThrownBy(() -> PositionText.read(cut)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    private static Position position(Random random) {
        List<TableSnapshot> tables = IntStream.range(0, random.nextInt(4))
                .mapToObj(i -> table(random, List.of()))
                .toList();
        List<TableSnapshot> reading = IntStream.range(0, random.nextInt(4))
                .mapToObj(i -> table(random, List.of(name(random), "")))
                .toList();
        return new Position(
                new Lsn(random.nextLong()),
                new Lsn(random.nextLong()),
                random.nextLong() & Long.MAX_VALUE,
                new SnapshotProgress(
                        random.nextBoolean(),
                        tables,
                        reading,
                        random.ints(random.nextInt(3)).boxed().toList(),
                        IntStream.range(0, random.nextInt(3))
                                .mapToObj(i -> backfill(random))
                                .toList(),
                        random.nextBoolean() ? 0 : random.nextLong() & Long.MAX_VALUE),
                random.nextBoolean()
                        ? Optional.empty()
                        : Optional.of(new ServerIdentity(name(random), random.nextInt() & 0xFFFFFFFFL)),
                random.nextBoolean() ? Optional.empty() : Optional.of(predecessor(random)));
    }

    private static Predecessor predecessor(Random random) {
        var delivered = new Predecessor.Delivered(
                random.nextInt() & 0xFFFFFFFFL, new Lsn(random.nextLong()), random.nextLong() & Long.MAX_VALUE);
        return new Predecessor(name(random), name(random), new Lsn(random.nextLong()), delivered);
    }

    private static BackfillProgress backfill(Random random) {
        var asked = new Backfill(
                "b" + name(random),
                new TableName(name(random), name(random)),
                name(random),
                random.nextBoolean() ? "" : name(random),
                random.nextBoolean());
        TableSnapshot table = table(random, List.of(name(random), ""));
        return new BackfillProgress(
                asked,
                List.of(BackfillProgress.State.values()).get(random.nextInt(4)),
                name(random),
                random.nextInt(),
                table.key(),
                random.nextBoolean() ? List.of() : table.last().upTo(),
                random.nextLong() & Long.MAX_VALUE,
                random.nextLong() & Long.MAX_VALUE,
                random.nextLong() & Long.MAX_VALUE);
    }

    /** Read in several segments now and then. */
    private static TableSnapshot table(Random random, List<String> upTo) {
        var name = new TableName(name(random), name(random));
        if (upTo.isEmpty() && random.nextBoolean()) {
            return new TableSnapshot(random.nextInt(), name, snapshot(random), new Lsn(random.nextLong()));
        }
        List<KeyColumn> key = IntStream.range(0, 2)
                .mapToObj(i -> new KeyColumn(
                        name(random), random.nextInt(), random.nextInt(), random.nextInt(), random.nextInt()))
                .toList();
        List<Segment> earlier = IntStream.range(0, random.nextInt(3))
                .mapToObj(i -> segment(random, List.of(name(random), name(random))))
                .toList();
        long mark = random.nextBoolean() ? 0 : Integer.toUnsignedLong(random.nextInt());
        return new TableSnapshot(random.nextInt(), name, key, earlier, segment(random, upTo), mark);
    }

    private static Segment segment(Random random, List<String> upTo) {
        return new Segment(upTo, snapshot(random), new Lsn(random.nextLong()));
    }

    private static String snapshot(Random random) {
        return random.nextLong() + ":" + random.nextLong() + ":";
    }

    private static String name(Random random) {
        return random.ints(random.nextInt(1, 20), 1, 0xD7FF)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }
}
