package io.paillette.capture.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.postgresql.core.NativeQuery;
import org.postgresql.core.Parser;

final class SqlWordsTest {

    /** The driver reads the statement too, and takes each question mark that it sees outside of constants for a parameter. */
    @Test
    void theDriverReadsTheSameConstantsAndOperators() throws Exception {
        for (String sql : SqlFragmentTest.STAYING) {
            assertThat(throughTheDriver(sql)).isEqualTo(sql.replaceAll("(?<!\\\\)\\\\'", "''"));
        }
        assertThat(throughTheDriver("j ?| '?' and E'x'\n'\\' ?' = k ? 'y' -- ?\r and a ? '\\' -- ?"))
                .isEqualTo("j ?| '?' and E'x'\n'\\' ?' = k ? 'y' -- ?\r and a ? '\\' -- ?".replace("\\' ?'", "'' ?'"));
        assertThat(throughTheDriver("E'it''s \\' ?; ' = $$ ? $$ and \"?\" ? E'\\\\' /* ? /* ? */ ? */"))
                .isEqualTo("E'it''s '' ?; ' = $$ ? $$ and \"?\" ? E'\\\\' /* ? /* ? */ ? */");
    }

    @Test
    void aConstantGoesOnBehindANewLineOnly() {
        assertThat(SqlWords.withoutEscapedQuotes("E'\\'' -- \\'\r -- b\n\t'\\'' '\\'"))
                .isEqualTo("E'''' -- ''\r -- b\n\t'''' '\\'");
        assertThat(SqlWords.withoutEscapedQuotes("E'' /* */\n '\\'")).isEqualTo("E'' /* */\n '\\'");
        assertThat(SqlWords.withoutEscapedQuotes("ae'\\' e 'x\\' E'\\\\\\''")).isEqualTo("ae'\\' e 'x\\' E'\\\\'''");
    }

    @Test
    void parametersAreTheirNumbers() {
        assertThat(SqlWords.parameters("$2 = any($1) and '$3' = $$ $4 $$ -- $5\r and $12x = $123456"))
                .containsExactly(1, 2, 12, Integer.MAX_VALUE);
    }

    private static String throughTheDriver(String sql) throws SQLException {
        String text = SqlWords.withoutParameters(SqlWords.withoutEscapedQuotes(sql));
        List<NativeQuery> read = Parser.parseJdbcSql(text, true, true, true, false, false);
        assertThat(read).as(sql).singleElement().satisfies(one -> assertThat(one.bindPositions)
                .isEmpty());
        return read.get(0).nativeSql;
    }
}
