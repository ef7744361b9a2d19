package io.paillette.capture.filter;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.capture.filter.Mentions.Columns;
import org.junit.jupiter.api.Test;

final class MentionsTest {

    @Test
    void namesWithoutPrefixAreOfTheRowAndOthersOfNewOrOld() {
        Mentions mentions = Mentions.of("status = 'paid' and old.status is distinct from new.Status");
        assertThat(mentions.row().has("status")).isTrue();
        assertThat(mentions.row().has("paid")).isFalse();
        assertThat(mentions.was().names()).containsExactly("status");
        assertThat(mentions.now().names()).containsExactly("status");
        assertThat(mentions.row().all()
                        || mentions.was().all()
                        || mentions.now().all())
                .isFalse();
    }

    @Test
    void whatIsInConstantsAndCommentsIsNotRead() {
        Columns row = Mentions.of(
                        "a = E'b\\' c' 'd' and $$ e $f$ $$ <> $x$ g $$ $x$ -- h\r /* i /* j */ k */ and b'01' = l"
                                + " and E'' -- c\n 'k \\' k' = m")
                .row();
        for (String read : new String[] {"a", "l", "m"}) {
            assertThat(row.has(read)).as(read).isTrue();
        }
        for (String not : new String[] {"b", "c", "d", "e", "f", "g", "h", "i", "j", "k"}) {
            assertThat(row.has(not)).as(not).isFalse();
        }
    }

    @Test
    void quotedNamesKeepTheirCaseAndOthersAreFoldedAsPostgresDoes() {
        Columns row = Mentions.of("\"Order \"\"No\"\"\" > 1 and ÄRGER and Größe$1 and n\"x\"")
                .row();
        assertThat(row.names()).contains("Order \"No\"", "Ärger", "größe$1", "x");
    }

    @Test
    void aRowAsAWholeMayReadAnyOfItsColumns() {
        assertThat(Mentions.of("to_jsonb(new) ? 'x'").now().has("anything")).isTrue();
        assertThat(Mentions.of("old is null").was().has("anything")).isTrue();
        assertThat(Mentions.of("(select new.*) is not null").now().has("anything"))
                .isTrue();
        assertThat(Mentions.of("new . \"A b\" = 1").now().names()).containsExactly("A b");
        assertThat(Mentions.of("U&\"d!0061t\" UESCAPE '!' = 1").row().has("dat"))
                .isTrue();
    }

    @Test
    void whatEndsInTheMiddleIsReadToItsEnd() {
        for (String broken :
                new String[] {"'", "a = 'b", "\"", "\"a", "$", "$a", "$$", "/*", "/* /* */", "E'\\", "U&", "--", "u"}) {
            assertThat(Mentions.of(broken)).as(broken).isNotNull();
        }
    }
}
