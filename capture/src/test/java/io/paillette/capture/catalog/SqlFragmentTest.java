package io.paillette.capture.catalog;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class SqlFragmentTest {

    static final List<String> STAYING = List.of(
            "a in (1, 2) and ((b))",
            "a = ')' and \")\" = '(''('",
            "a = E'\\')' and e'a'\n '\\')' = E'\\\\' and b = U&'\\0029'",
            "a = $$)$$ and b = $x$ ) $$ ( $x$ and c$1$ = $1",
            "/* ) /* ( */ ) */ a -- )\r and (b) -- )",
            "date')' = a and b -> 'x' - 1 / 2 = 1");

    @Test
    void parenthesesOfConstantsNamesAndCommentsAreNone() {
        for (String stays : STAYING) {
            assertThatCode(() -> fragment(stays).requireOne()).as(stays).doesNotThrowAnyException();
        }
    }

    @Test
    void sqlThatDoesNotStayInItsParenthesesIsRefusedWithThePlace() {
        assertLeaves(
                "true) union all select 9 where (true", "closes a parenthesis that it has not opened, at character 5");
        assertLeaves("true) union all (select 1", "closes a parenthesis that it has not opened, at character 5");
        assertLeaves("((a)", "leaves a parenthesis open, from character 1");
        assertLeaves("a'\\' ) or (b", "closes a parenthesis");
        assertLeaves("-- \r) or (b", "closes a parenthesis");
        assertLeaves("E'a'\n'\\' ' ) or ('x' = 'x", "closes a parenthesis");
        assertLeaves("E'a' -- '\n '\\' ' ) or ('x' = 'x", "closes a parenthesis");
        assertLeaves("a$$ ) or ( $$", "closes a parenthesis");
        assertLeaves("$1$ ) or ( $1$", "closes a parenthesis");
        assertLeaves("a = 'b", "has a constant, quoted name or comment that does not end, from character 5");
        for (String open : new String[] {"\"a", "$$ a", "$a$ $$", "/* /* */", "E'\\'", "E'", "E'\\"}) {
            assertLeaves(open, "does not end, from character 1");
        }
    }

    private static void assertLeaves(String sql, String why) {
        assertThatThrownBy(() -> fragment(sql).requireOne())
                .as(sql)
                .hasMessageStartingWith("The condition ")
                .hasMessageContaining(why);
    }

    private static SqlFragment fragment(String sql) {
        return new SqlFragment("The condition", sql);
    }
}
