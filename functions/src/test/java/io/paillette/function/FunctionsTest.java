package io.paillette.function;

import static io.paillette.function.Changes.change;
import static io.paillette.function.Changes.value;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paillette.function.Outcome.Dropped;
import io.paillette.function.Outcome.Header;
import io.paillette.function.Outcome.Kept;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FunctionsTest {

    private static final Duration SHORT = Duration.ofMillis(100);
    private static final byte[] INSERT = change("insert", "{\"id\":1,\"status\":\"new\",\"total\":12.50}");

    private final List<String> printed = new ArrayList<>();

    @Test
    void aFilterKeepsOrDropsAndWhatIsKeptIsAsItWas() throws Exception {
        try (var functions = compile("function filter(action, record) { return record.total > 12 }")) {
            assertThat(((Kept) functions.call(INSERT)).value()).isSameAs(INSERT);
            assertThat(functions.call(change("insert", "{\"total\":12}"))).isInstanceOf(Dropped.class);
        }
    }

    @Test
    void aTransformIsTheValueAndNullIsATombstone() throws Exception {
        try (var functions = compile(
                """
                const transform = (action, record, changes, metadata) =>
                    action === 'delete' ? null : { action, ...record, old: changes?.status, of: metadata.table_name };
                """)) {
            assertThat(value(functions.call(INSERT)))
                    .isEqualTo(
                            "{\"action\":\"insert\",\"id\":1,\"status\":\"new\",\"total\":12.5,\"old\":\"old\",\"of\":\"orders\"}");
            assertThat(((Kept) functions.call(change("delete", "{\"id\":1}"))).value())
                    .isNull();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'text' | \"text\"",
                "1 | 1",
                "[1, 'zwei', {drei: 3}] | [1,\"zwei\",{\"drei\":3}]",
                "false | false",
                "'\\ud83d\\ude00 \\ud800' | \"\uD83D\uDE00 \\ud800\"",
                "new Date(0) | \"1970-01-01T00:00:00.000Z\"",
            })
    void anyJsonValueMayBeTheValue(String expression, String json) throws Exception {
        try (var functions = compile("function transform() { return " + expression + " }")) {
            assertThat(value(functions.call(INSERT))).isEqualTo(json);
        }
    }

    @Test
    void aRouteChoosesKeyPartitionAndHeaders() throws Exception {
        try (var functions = compile(
                """
                function filter(action, record) { return record.id !== 2 }
                function transform(action, record) { return record.status }
                function route(action, record) {
                    return [
                        { key: 'k' + record.id, partition: 3, headers: { status: record.status, none: null } },
                        undefined, { key: null }, { key: record }, {},
                    ][record.id - 1];
                }
                """)) {
            Kept first = (Kept) functions.call(INSERT);
            assertThat(value(first)).isEqualTo("\"new\"");
            assertThat(first.routing().key().orElseThrow().bytes())
                    .asString(UTF_8)
                    .isEqualTo("k1");
            assertThat(first.routing().partition()).hasValue(3);
            assertThat(first.routing().headers())
                    .containsExactly(new Header("status", "new"), new Header("none", null));
            assertThat(functions.call(change("insert", "{\"id\":2}"))).isInstanceOf(Dropped.class);
            Kept third = (Kept) functions.call(change("insert", "{\"id\":3,\"status\":null}"));
            assertThat(third.value()).isNull();
            assertThat(third.routing().key().orElseThrow().bytes()).isNull();
            Kept fourth = (Kept) functions.call(change("insert", "{\"id\":4,\"status\":\"\"}"));
            assertThat(fourth.routing().key().orElseThrow().bytes())
                    .asString(UTF_8)
                    .isEqualTo("{\"id\":4,\"status\":\"\"}");
            Kept fifth = (Kept) functions.call(change("insert", "{\"id\":5,\"status\":1}"));
            assertThat(fifth.routing()).isEqualTo(Outcome.Routing.NONE);
        }
    }

    @Test
    void aNumberThatJavaScriptCannotHoldIsAStringWithAllItsDigits() throws Exception {
        String exact = "[0,-1.5,9007199254740992,1e10,0.30000000000000004,\"12345678901234567890\",0.000,-0.0E10,1e23]";
        String inexact = "[9007199254740993,-12345678901234567890,0.1234567890123456789,1e400,1e-400,1e-99999999999]";
        try (var functions = compile(
                "function transform(action, record) { return record.map(v => typeof v === 'number' ? 'n' : v) }")) {
            assertThat(value(functions.call(change("insert", exact))))
                    .isEqualTo("[\"n\",\"n\",\"n\",\"n\",\"n\",\"12345678901234567890\",\"n\",\"n\",\"n\"]");
            assertThat(value(functions.call(change("insert", inexact))))
                    .isEqualTo("[\"9007199254740993\",\"-12345678901234567890\",\"0.1234567890123456789\","
                            + "\"1e400\",\"1e-400\",\"1e-99999999999\"]");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "filter | | it returned undefined; it has to return true or false",
                "filter | return 1 | it returned a number; it has to return true or false",
                "transform | | it returned undefined; it has to return a JSON value; null is a tombstone",
                "transform | return Promise.resolve(1) | it returned a Promise, which nobody awaits; it has to return a JSON value; null is a tombstone",
                "transform | return () => 1 | it returned a function; it has to return a JSON value; null is a tombstone",
                "route | return null | it returned null; it has to return an object with any of topic, key, partition and headers",
                "route | return {Key: 'x'} | it returned an object with \"Key\"; what it may have is topic, key, partition and headers",
                "route | return {partition: 1.5} | partition has to be a whole number from 0, and is a number",
                "route | return {headers: {n: 1}} | header n has to be a string or null, and is a number; write String(...)",
                "route | return {headers: []} | headers has to be an object of strings, and is an array",
                "route | return {key: () => 1} | it returned a function; key has to be a JSON value",
            })
    void whatMayNotBeReturnedIsRefusedWithWhatMay(String function, String body, String refusal) throws Exception {
        try (var functions = compile("function " + function + "() {" + (body == null ? "" : body) + "}")) {
            assertThatThrownBy(() -> functions.call(INSERT))
                    .isInstanceOf(FunctionException.class)
                    .hasMessageStartingWith(function + " (functions.js): TypeError: " + refusal);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "functions.js | function route(action, record) { return {topic: record.status, key: {n: record.id}} }",
                "functions.lua | function route(action, record) return {topic = record.status, key = {n = record.id}} end",
            })
    void routeChoosesATopic(String file, String text) throws Exception {
        try (var functions = Functions.compile(file, text.getBytes(UTF_8), SHORT, printed::add)) {
            var routing = ((Kept) functions.call(INSERT)).routing();
            assertThat(routing.topic()).contains("new");
            assertThat(new String(routing.key().orElseThrow().bytes(), UTF_8)).isEqualTo("{\"n\":1}");
            assertThat(routing.key().orElseThrow().isJson()).isTrue();
            assertThatThrownBy(() -> functions.call(change("insert", "{\"status\":7,\"id\":1}")))
                    .hasMessageContaining("topic has to be the name of one, and is a number");
            assertThatThrownBy(() -> functions.call(change("insert", "{\"status\":\"\",\"id\":1}")))
                    .hasMessageContaining("topic has to be the name of one, and is");
        }
    }

    @Test
    void aTopicThatIsUndefinedIsAnErrorAndNotTheChangesOwn() throws Exception {
        byte[] text = "function route(action, record) { return record.id === 1 ? {topic: record.statsu} : {} }"
                .getBytes(UTF_8);
        try (var functions = Functions.compile("functions.js", text, SHORT, printed::add)) {
            assertThatThrownBy(() -> functions.call(INSERT))
                    .hasMessageContaining("topic has to be the name of one, and is undefined");
            var kept = (Kept) functions.call(change("insert", "{\"id\":2}"));
            assertThat(kept.routing().topic()).isEmpty();
        }
    }

    @Test
    void whatAFunctionThrowsComesWithItsLineAndTheNextCallIsLikeTheFirst() throws Exception {
        try (var functions = compile(
                """
                let calls = 0;
                const status = (record) => record.status.toUpperCase();
                function transform(action, record) {
                    calls += 1;
                    if (action === 'delete') throw new Error('no deletes');
                    return status(record) + calls;
                }
                """)) {
            assertThatThrownBy(() -> functions.call(change("update", "{\"status\":null}")))
                    .hasMessage("transform (functions.js, line 2, column 28): TypeError: Cannot read property"
                            + " 'toUpperCase' of null");
            assertThatThrownBy(() -> functions.call(change("delete", "{}")))
                    .hasMessage("transform (functions.js, line 5, column 36): Error: no deletes");
            assertThat(value(functions.call(INSERT))).isEqualTo("\"NEW3\"");
        }
    }

    @Test
    void aFileThatDefinesNoFunctionOrIsNoJavaScriptIsRefusedWithItsPlace() {
        assertThatThrownBy(() -> compile("function transfrom() {}"))
                .hasMessageStartingWith("functions.js: it defines none of the functions filter, transform and route");
        assertThatThrownBy(() -> compile("const filter = true"))
                .hasMessage("functions.js: filter has to be a function");
        assertThatThrownBy(() -> compile("function filter() {\n  return 1 +;\n}"))
                .hasMessage("functions.js, line 2, column 13: SyntaxError: Expected an operand but found ;");
        assertThatThrownBy(() -> compile("\nthrow new Error('at once')"))
                .hasMessage("functions.js, line 2, column 7: Error: at once");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "try { while (true) {} } catch (e) { return true } finally { while (true) {} }",
                "/(x+x+)+\\1y/.exec('x'.repeat(40))",
            })
    void aCallThatTakesTooLongIsEndedAndTheNextOneIsLikeTheFirst(String body) throws Exception {
        try (var functions = compile(
                "let calls = 0; function filter(action) { calls++; if (action === 'update') {" + body
                        + "} return calls === 1 }",
                SHORT)) {
            long start = System.nanoTime();
            assertThatThrownBy(() -> functions.call(change("update", "{}")))
                    .isInstanceOf(FunctionException.class)
                    .hasMessageMatching(
                            "filter \\(functions.js(, line 1, column \\d+)?\\): it took longer than 1000 ms");
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isBetween(SHORT.multipliedBy(11), Duration.ofSeconds(20));
            assertThat(functions.call(INSERT)).isInstanceOf(Kept.class);
            assertThat(functions.call(INSERT)).isInstanceOf(Dropped.class);
        }
    }

    @Test
    void aCallThatWasLateBecauseOfSomethingElseIsMadeOnceMore() throws Exception {
        try (var functions = compile(
                "function filter() { const end = Date.now() + 300; while (Date.now() < end) {} return true }", SHORT)) {
            assertThat(functions.call(INSERT)).isInstanceOf(Kept.class);
        }
    }

    @Test
    void aFileThatDoesNotComeToItsEndIsRefused() {
        assertThatThrownBy(() -> compile("while (true) {}", SHORT)).hasMessageContaining("it took longer than 1000 ms");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Java.type('java.lang.System')",
                "java.lang.System.exit(1)",
                "Packages.java.io.File",
                "Polyglot.eval('js', '1')",
                "require('fs')",
                "load('/etc/passwd')",
                "read('/etc/passwd')",
                "fetch('http://127.0.0.1')",
                "new XMLHttpRequest()",
                "new Worker('x')",
                "process.env.HOME",
                "quit()",
                "this.constructor.constructor('return process')()",
                "metadata.getClass().forName('java.lang.System')",
            })
    void nothingOutsideCanBeReached(String body) throws Exception {
        try (var functions =
                compile("function transform(action, record, changes, metadata) { " + body + "; return 1 }")) {
            assertThatThrownBy(() -> functions.call(INSERT)).isInstanceOf(FunctionException.class);
        }
    }

    @Test
    void recursionWithoutEndIsAnErrorLikeAnyOther() throws Exception {
        try (var functions = compile("function filter() { return filter() }")) {
            assertThatThrownBy(() -> functions.call(INSERT))
                    .hasMessageContaining("(functions.js, line 1")
                    .hasMessageContaining("Maximum call stack size exceeded");
        }
    }

    @Test
    void whatTheFileDoesToJsonDoesNotMatter() throws Exception {
        try (var functions = compile(
                """
                JSON.parse = JSON.stringify = () => 'mine';
                Object.entries = Array.isArray = () => { throw 1 };
                function transform(action, record) { return record }
                function route() { return { key: 'k' } }
                """)) {
            assertThat(value(functions.call(change("insert", "{\"id\":1}")))).isEqualTo("{\"id\":1}");
        }
    }

    @Test
    void whatAFunctionPrintsComesLineByLine() throws Exception {
        try (var functions = compile(
                "function filter(action, record) { console.log('über', record.id); print('x'); return true }")) {
            functions.call(change("insert", "{\"id\":1}"));
            assertThat(printed).containsExactly("über 1", "x");
        }
    }

    private Functions compile(String text) throws FunctionException {
        return compile(text, Duration.ofSeconds(20)); // a first call on a busy machine
    }

    private Functions compile(String text, Duration limit) throws FunctionException {
        return Functions.compile("functions.js", text.getBytes(UTF_8), limit, printed::add);
    }
}
