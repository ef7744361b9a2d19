package io.paillette.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paillette.capture.Signal.Action;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class SignalTextTest {

    private static final TableName ORDERS = new TableName("public", "orders");
    private static final TableName LINES = new TableName("public", "lines");

    @Test
    void tablesAreNamedByExpressionsForAWholeNameUpperOrLowerCase() {
        var action = (Action.Execute)
                action("execute-snapshot", "{\"data-collections\": [\"PUBLIC\\\\.ord.*\"], \"type\": \"INCREMENTAL\"}");
        assertThat(action.tables().matches(ORDERS.toString())).isTrue();
        assertThat(action.tables().matches(LINES.toString())).isFalse();
        assertThat(action.where(ORDERS)).isEmpty();
    }

    @Test
    void aConditionIsOfTheTablesThatItNames() {
        var action = (Action.Execute)
                action(
                        "execute-snapshot",
                        """
                {"data-collections": ["public.*"], "surrogate-key": "n",
                 "additional-conditions": [{"data-collection": "public.orders", "filter": " id > 7 "}]}""");
        assertThat(action.where(ORDERS)).isEqualTo("id > 7");
        assertThat(action.where(LINES)).isEmpty();
    }

    @Test
    void theFormerSingleConditionIsOfEveryTable() {
        var action = (Action.Execute) action(
                "execute-snapshot", "{\"data-collections\": [\"public.*\"], \"additional-condition\": \"id > 7\"}");
        assertThat(action.where(LINES)).isEqualTo("id > 7");
    }

    @Test
    void aStopWithoutTablesIsOfAll() {
        var all =
                (Action.Stop) Signal.of("1", "stop-snapshot", Optional.empty()).action();
        assertThat(all.isOf(ORDERS)).isTrue();
        var some = (Action.Stop) action("stop-snapshot", "{\"data-collections\": [\"public.lines\"]}");
        assertThat(some.isOf(ORDERS)).isFalse();
    }

    @Test
    void aSignalIsReadFromOneObjectInAnyOrder() {
        assertThat(Signal.parse(
                        "{\"data\": {\"message\": \"here {}\"}, \"extra\": [1], \"type\": \"log\", \"id\": \"x\"}"))
                .isEqualTo(new Signal("x", new Action.Log("here {}")));
        assertThat(Signal.parse("{\"type\": \"pause-snapshot\", \"data\": null}")
                        .action())
                .isEqualTo(new Action.Pause());
        assertThat(Signal.parse("{\"type\": \"resume-snapshot\"}").action()).isEqualTo(new Action.Resume());
    }

    @Test
    void whatCannotBeUnderstoodIsNamed() {
        refuses("execute", "{}", "\"execute\"");
        refuses("execute-snapshot", "{}", "data-collections");
        refuses("execute-snapshot", "{\"data-collections\": [7]}", "data-collections");
        refuses("execute-snapshot", "{\"data-collections\": [\"(\"]}", "regular expression");
        refuses("execute-snapshot", "{\"tables\": [\"a.b\"]}", "\"tables\"");
        refuses("execute-snapshot", "{\"data-collections\": [\"a.b\"], \"type\": \"full\"}", "\"full\"");
        refuses(
                "execute-snapshot",
                "{\"data-collections\": [\"a.b\"], \"additional-conditions\": "
                        + "[{\"data-collection\": \"a.b\", \"filter\": \"SELECT * FROM a.b\"}]}",
                "WHERE");
        refuses(
                "execute-snapshot",
                "{\"data-collections\": [\"a.b\"], \"additional-condition\": \"" + "1".repeat(10_001) + "\"}",
                "10000 characters");
        refuses("log", "{}", "message");
        refuses("log", "[", "JSON");
        refuses("log", "no json", "JSON");
        assertThatThrownBy(() -> Signal.parse("{\"id\": \"1\"}")).hasMessageContaining("\"type\"");
        assertThatThrownBy(() -> Signal.parse("")).isInstanceOf(IllegalArgumentException.class);
    }

    private static Action action(String type, String data) {
        return Signal.of("1", type, Optional.of(data)).action();
    }

    private static void refuses(String type, String data, String part) {
        assertThatThrownBy(() -> action(type, data))
                .as(type + " " + data)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(part);
    }
}
