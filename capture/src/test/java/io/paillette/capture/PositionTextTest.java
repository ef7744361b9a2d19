package io.paillette.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
                .mapToObj(i -> new TableSnapshot(
                        random.nextInt(),
                        new TableName(name(random), name(random)),
                        random.nextLong() + ":" + random.nextLong() + ":",
                        new Lsn(random.nextLong())))
                .toList();
        return new Position(
                new Lsn(random.nextLong()),
                new Lsn(random.nextLong()),
                random.nextLong() & Long.MAX_VALUE,
                new SnapshotProgress(random.nextBoolean(), tables),
                random.nextBoolean()
                        ? Optional.empty()
                        : Optional.of(new ServerIdentity(name(random), random.nextInt() & 0xFFFFFFFFL)));
    }

    private static String name(Random random) {
        return random.ints(random.nextInt(1, 20), 1, 0xD7FF)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }
}
