package io.paillette.capture.column;

import io.paillette.capture.TableName;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Keys of one's choice: {@code table:column,column;table:column}, where a table is a regular expression. */
record MessageKeys(List<Choice> choices) {

    private static final String FORM =
            " must be table:column,column with ; between tables, as in public.orders:customer,id";

    MessageKeys {
        choices = List.copyOf(choices);
    }

    record Choice(Pattern table, List<String> columns) {}

    /** @throws IllegalArgumentException that begins with the option's key */
    static MessageKeys of(String key, String text) {
        List<Choice> choices = new ArrayList<>();
        for (String choice : text.split(";", -1)) {
            if (choice.isBlank()) {
                continue;
            }
            int colon = choice.lastIndexOf(':');
            List<String> columns = Arrays.stream(choice.substring(colon + 1).split(",", -1))
                    .map(String::strip)
                    .toList();
            String table = choice.substring(0, Math.max(0, colon)).strip();
            if (table.isEmpty() || columns.stream().anyMatch(String::isEmpty)) {
                throw new IllegalArgumentException(key + ": \"" + choice.strip() + "\"" + FORM);
            }
            choices.add(new Choice(RegexList.pattern(key, table), columns));
        }
        return new MessageKeys(choices);
    }

    /** The names of the columns, in the order of the key; empty for a table of which nothing is said. */
    Optional<List<String>> of(TableName table) {
        return choices.stream()
                .filter(choice -> choice.table().matcher(table.toString()).matches())
                .findFirst()
                .map(Choice::columns);
    }
}
