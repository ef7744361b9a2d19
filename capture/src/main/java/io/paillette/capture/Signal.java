package io.paillette.capture;

import io.paillette.capture.column.RegexList;
import java.util.List;
import java.util.Optional;

/**
 * What somebody asks of a running capture, in the words of Debezium's signals.
 *
 * @param id     by which whoever sent it knows it again
 */
public record Signal(String id, Action action) {

    /** What is asked for. Tables are named by regular expressions, each for a whole {@code schema.table}, upper or lower case. */
    public sealed interface Action {

        /** {@code execute-snapshot}: the rows of these tables once more; of a table for which a condition is given, those. */
        record Execute(RegexList tables, List<Condition> conditions) implements Action {

            public Execute {
                conditions = List.copyOf(conditions);
            }

            /** The condition for a table; empty for every row. */
            public String where(TableName table) {
                return conditions.stream()
                        .filter(condition -> condition.tables().matches(table.toString()))
                        .findFirst()
                        .map(Condition::where)
                        .orElse("");
            }
        }

        /** {@code stop-snapshot}: of these tables; of all where none is named. */
        record Stop(RegexList tables) implements Action {

            public boolean isOf(TableName table) {
                return tables.isEmpty() || tables.matches(table.toString());
            }
        }

        /** {@code pause-snapshot}: all stay where they are. */
        record Pause() implements Action {}

        /** {@code resume-snapshot}: all that paused go on. */
        record Resume() implements Action {}

        /** {@code log}: a line, in which {} is the place in the WAL. */
        record Log(String message) implements Action {}
    }

    /** @param where an SQL condition on a row */
    public record Condition(RegexList tables, String where) {}

    /**
     * From a row of the signal table.
     *
     * @param data a JSON object, or null
     * @throws IllegalArgumentException naming what is wrong with it
     */
    public static Signal of(String id, String type, Optional<String> data) {
        return new Signal(
                id, SignalText.action(type, data.filter(text -> !text.isBlank()).orElse("{}")));
    }

    /**
     * From one JSON object with {@code id}, {@code type} and {@code data}.
     *
     * @throws IllegalArgumentException naming what is wrong with it
     */
    public static Signal parse(String json) {
        return SignalText.signal(json);
    }
}
