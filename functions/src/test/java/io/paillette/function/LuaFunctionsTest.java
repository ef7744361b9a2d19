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

class LuaFunctionsTest {

    private static final Duration SHORT = Duration.ofMillis(100);
    private static final byte[] INSERT =
            change("insert", "{\"id\":1,\"status\":\"new\",\"total\":12.50,\"note\":null}");

    private final List<String> printed = new ArrayList<>();

    @Test
    void aFilterKeepsOrDropsAndWhatIsKeptIsAsItWas() throws Exception {
        try (var functions = compile("function filter(action, record) return record.total > 12 end")) {
            assertThat(((Kept) functions.call(INSERT)).value()).isSameAs(INSERT);
            assertThat(functions.call(change("insert", "{\"total\":12}"))).isInstanceOf(Dropped.class);
        }
    }

    @Test
    void aTransformIsTheValueAndNullIsATombstone() throws Exception {
        try (var functions = compile(
                """
                function transform(action, record, changes, metadata)
                    if action == 'delete' then return json.null end
                    record.old, record.of, record.action = changes and changes.status, metadata.table_name, action
                    return record
                end
                """)) {
            assertThat(value(functions.call(INSERT)))
                    .isEqualTo("{\"action\":\"insert\",\"id\":1,\"note\":null,\"of\":\"orders\",\"old\":\"old\","
                            + "\"status\":\"new\",\"total\":12.5}");
            assertThat(((Kept) functions.call(change("delete", "{\"id\":1}"))).value())
                    .isNull();
        }
    }

    @Test
    void aPartThatIsNullIsNil() throws Exception {
        byte[] truncate = "{\"record\":null,\"changes\":null,\"action\":\"truncate\",\"metadata\":{}}".getBytes(UTF_8);
        try (var functions =
                compile("function transform(action, record, changes) return record == nil and changes == nil end")) {
            assertThat(value(functions.call(truncate))).isEqualTo("true");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'text' | \"text\"",
                "1 | 1",
                "2^53 - 1 | 9007199254740991",
                "math.mininteger | -9223372036854775808",
                "10 / 4 | 2.5",
                "10 / 5 | 2",
                "0.1 + 0.2 | 0.30000000000000004",
                "1e300 | 1e+300",
                "{1, 'zwei', {drei = 3}} | [1,\"zwei\",{\"drei\":3}]",
                "{} | {}",
                "json.array{} | []",
                "json.array() | []",
                "{b = 1, a = json.null, ['ä'] = 2, B = 3} | {\"B\":3,\"a\":null,\"b\":1,\"ä\":2}",
                "false | false",
                "'\"\\\\\\n\\0\\u{1F600}' | \"\\\"\\\\\\n\\u0000\uD83D\uDE00\"",
                "json.decode('[1, {\"a\": [], \"b\": {}}, \"\\\\ud800\", 1e2]') | [1,{\"a\":[],\"b\":{}},\"\\ud800\",100]",
                "json.encode({1}) | \"[1]\"",
            })
    void anyJsonValueMayBeTheValue(String expression, String json) throws Exception {
        try (var functions = compile("function transform() return " + expression + " end")) {
            assertThat(value(functions.call(INSERT))).isEqualTo(json);
        }
    }

    @Test
    void aRecordThatIsPassedOnIsTheSameButForTheOrderOfItsNames() throws Exception {
        String record =
                "{\"a\":[[],{},[null,1.5,-7]],\"b\":9223372036854775807,\"c\":\"\\u00e4\\/\\ud83d\\ude00\\u0001\",\"d\":true}";
        try (var functions = compile("function transform(action, record) return record end")) {
            assertThat(value(functions.call(change("insert", record))))
                    .isEqualTo("{\"a\":[[],{},[null,1.5,-7]],\"b\":9223372036854775807,"
                            + "\"c\":\"ä/\uD83D\uDE00\\u0001\",\"d\":true}");
        }
    }

    @Test
    void whatIsPassedOnIsWhatItWas() throws Exception {
        try (var functions = compile("function transform(action, record) return record end")) {
            new RandomRecords().comeBackFrom(functions);
        }
    }

    @Test
    void aNumberThatLuaCannotHoldIsAStringWithAllItsDigits() throws Exception {
        String numbers = "[9223372036854775807,9223372036854775808,-9223372036854775809,1e10,0.30000000000000004,"
                + "0.1234567890123456789,1e400,100000000000000000000]";
        try (var functions = compile(
                """
                function transform(action, record)
                    for i, v in ipairs(record) do record[i] = (math.type(v) or 'string') .. ' ' .. tostring(v) end
                    return record
                end
                """)) {
            assertThat(value(functions.call(change("insert", numbers))))
                    .isEqualTo("[\"integer 9223372036854775807\",\"string 9223372036854775808\","
                            + "\"string -9223372036854775809\",\"float 10000000000.0\",\"float 0.3\","
                            + "\"string 0.1234567890123456789\",\"string 1e400\",\"float 1e+20\"]");
        }
    }

    @Test
    void aRouteChoosesKeyPartitionAndHeaders() throws Exception {
        try (var functions = compile(
                """
                function filter(action, record) return record.id ~= 2 end
                function transform(action, record) return record.status end
                function route(action, record)
                    if record.id == 1 then
                        return {key = 'k' .. record.id, partition = 3, headers = {status = record.status, none = json.null}}
                    end
                    return record.id == 3 and {key = json.null} or record.id == 4 and {key = record} or {}
                end
                """)) {
            Kept first = (Kept) functions.call(INSERT);
            assertThat(value(first)).isEqualTo("\"new\"");
            assertThat(first.routing().key().orElseThrow().bytes())
                    .asString(UTF_8)
                    .isEqualTo("k1");
            assertThat(first.routing().partition()).hasValue(3);
            assertThat(first.routing().headers())
                    .containsExactly(new Header("none", null), new Header("status", "new"));
            assertThat(functions.call(change("insert", "{\"id\":2}"))).isInstanceOf(Dropped.class);
            Kept third = (Kept) functions.call(change("insert", "{\"id\":3,\"status\":null}"));
            assertThat(third.value()).isNull();
            assertThat(third.routing().key().orElseThrow().bytes()).isNull();
            Kept fourth = (Kept) functions.call(change("insert", "{\"status\":\"\",\"id\":4}"));
            assertThat(fourth.routing().key().orElseThrow().bytes())
                    .asString(UTF_8)
                    .isEqualTo("{\"id\":4,\"status\":\"\"}");
            Kept fifth = (Kept) functions.call(change("insert", "{\"id\":5,\"status\":1}"));
            assertThat(fifth.routing()).isEqualTo(Outcome.Routing.NONE);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "filter | | it returned nothing; it has to return true or false",
                "filter | return 1 | it returned a number; it has to return true or false",
                "filter | return json.null | it returned null; it has to return true or false",
                "transform | return nil | it returned nothing; it has to return a JSON value; null is a tombstone",
                "transform | return print | a function cannot be JSON",
                "transform | return {1, nil, 3} | a table whose keys are not 1 to its length cannot be JSON: put json.null where nothing is",
                "transform | return {1, a = 2} | a table with names and numbers as keys cannot be JSON",
                "transform | return {[1.5] = 2} | a table with a number as key cannot be JSON",
                "transform | return 0/0 | a number that is not one (nan) cannot be JSON",
                "transform | return {{-1/0}} | a number that is infinite cannot be JSON",
                "transform | return 'abc\\xff' | a string that is no UTF-8 at its byte 4 cannot be JSON",
                "transform | local t = {} t.t = t return t | a table that is nested more than 200 levels deep, or in itself, cannot be JSON",
                "route | return json.null | it returned null; it has to return an object with any of topic, key, partition and headers",
                "route | return {1} | it returned an array; it has to return an object with any of topic, key, partition and headers",
                "route | return {Key = 'x'} | it returned an object with \"Key\"; what it may have is topic, key, partition and headers",
                "route | return {partition = 1.5} | partition has to be a whole number from 0, and is a number",
                "route | return {partition = 2^40} | partition has to be a whole number from 0, and is a number",
                "route | return {headers = {n = 1}} | header n has to be a string or null, and is a number",
                "route | return {headers = {'n'}} | headers has to be an object of strings, and is an array",
            })
    void whatMayNotBeReturnedIsRefusedWithWhatMay(String function, String body, String refusal) throws Exception {
        try (var functions = compile("function " + function + "() " + (body == null ? "" : body) + " end")) {
            assertThatThrownBy(() -> functions.call(INSERT))
                    .isInstanceOf(FunctionException.class)
                    .hasMessageStartingWith(function + " (functions.lua): " + refusal);
        }
    }

    @Test
    void anErrorComesWithItsLineAndTheNextCallIsLikeTheFirst() throws Exception {
        try (var functions = compile(
                """
                local calls = 0
                local function status(record) return record.note.text end
                function transform(action, record)
                    calls = calls + 1
                    if action == 'delete' then error('no deletes') end
                    if action == 'truncate' then error(setmetatable({}, {__tostring = function() return 'mine' end})) end
                    if action == 'read' then return (pcall(error)) end
                    status(record)
                end
                """)) {
            assertThatThrownBy(() -> functions.call(INSERT))
                    .hasMessage("transform (functions.lua, line 2): attempt to index a null value (field 'note')");
            assertThatThrownBy(() -> functions.call(change("delete", "{}")))
                    .hasMessage("transform (functions.lua, line 5): no deletes");
            assertThatThrownBy(() -> functions.call(change("truncate", "{}")))
                    .hasMessage("transform (functions.lua): mine");
            assertThat(value(functions.call(change("read", "{}")))).isEqualTo("false");
        }
    }

    @Test
    void aFileThatDefinesNoFunctionOrIsNoLuaIsRefusedWithItsPlace() {
        assertThatThrownBy(() -> compile("function transfrom() end"))
                .hasMessageStartingWith("functions.lua: it defines none of the functions filter, transform and route");
        assertThatThrownBy(() -> compile("filter = true")).hasMessage("functions.lua: filter has to be a function");
        assertThatThrownBy(() -> compile("function filter()\n  return 1 +\nend"))
                .hasMessage("functions.lua, line 3: unexpected symbol near 'end'");
        assertThatThrownBy(() -> compile("\nerror('at once')")).hasMessage("functions.lua, line 2: at once");
        assertThatThrownBy(() -> Functions.compile("functions.lua", new byte[] {-1}, SHORT, printed::add))
                .hasMessage("functions.lua: it has to be in UTF-8, and is not");
        String longName = "f".repeat(70) + ".lua";
        assertThatThrownBy(() -> Functions.compile(longName, "return 1 +".getBytes(UTF_8), SHORT, printed::add))
                .hasMessageStartingWith(longName + ", line 1: unexpected symbol near");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "pcall(function() while true do end end) while true do end",
                "string.rep('a', 5000):find(string.rep('.-', 6) .. 'b')",
            })
    void aCallThatTakesTooLongIsEndedAndTheNextOneIsLikeTheFirst(String body) throws Exception {
        try (var functions = compile(
                "local calls = 0 function filter(action) calls = calls + 1 if action == 'update' then " + body
                        + " end return calls == 1 end",
                SHORT)) {
            long start = System.nanoTime();
            assertThatThrownBy(() -> functions.call(change("update", "{}")))
                    .isInstanceOf(FunctionException.class)
                    .hasMessage("filter (functions.lua): it took longer than 1000 ms");
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isBetween(SHORT.multipliedBy(11), Duration.ofSeconds(20));
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
            assertThat(functions.call(INSERT)).isInstanceOf(Kept.class);
            assertThat(functions.call(INSERT)).isInstanceOf(Dropped.class);
        }
    }

    @Test
    void aFileThatDoesNotComeToItsEndIsRefused() {
        assertThatThrownBy(() -> compile("while true do end", SHORT))
                .hasMessage("functions.lua: it took longer than 1000 ms");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "os.exit(1)",
                "os.getenv('HOME')",
                "io.open('/etc/passwd')",
                "require('os')",
                "dofile('/etc/passwd')",
                "loadfile('/etc/passwd')",
                "package.loadlib('x', 'y')",
                "debug.getregistry()",
            })
    void nothingOutsideCanBeReached(String body) throws Exception {
        try (var functions = compile("function transform() local x = " + body + " return 1 end")) {
            assertThatThrownBy(() -> functions.call(INSERT))
                    .isInstanceOf(FunctionException.class)
                    .hasMessageMatching(
                            "transform \\(functions.lua, line 1\\): attempt to (index|call) a nil value .*");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "local function f() return 1 + f() end f() | stack overflow",
                "local t = {} for i = 1, 1e9 do t[i] = ('x'):rep(1000000) .. i end | not enough memory",
                "return ('x'):rep(1 << 30) | not enough memory",
                "local t = setmetatable({}, {__index = function(t, k) return t[k + 1] end}) return t[1] | C stack overflow",
                "local function f(s) return (s:gsub('.', f)) end return f('x') | C stack overflow",
                "local function f() return pcall(f) end error(select(-1, f())) | C stack overflow",
                "coroutine.yield(1) | attempt to yield from outside a coroutine",
                "error(setmetatable({}, {__tostring = function() error('x') end})) | transform",
                "error() | nil",
                "return json.decode(('['):rep(201) .. (']'):rep(201)) | JSON that is nested more than 200 levels deep",
                "return json.decode('[1,]') | no JSON at character 4 of 4",
                "return json.decode('[1') | no JSON at character 3 of 2",
                "return json.decode('\"a') | no JSON",
                "return json.decode('') | no JSON",
                "return json.decode('nul') | no JSON",
                "return json.decode('1 1') | no JSON",
                "return json.decode('{1:2}') | no JSON",
                "return json.array(1) | table expected, got number",
                "local s = 'x' for i = 1, 300 do s = '(' .. s .. ')' end load('return ' .. s)() | attempt to call a nil value",
            })
    void whatNeedsTooMuchIsAnErrorLikeAnyOther(String body, String error) throws Exception {
        try (var functions =
                compile("function transform(action) if action == 'read' then return 1 end " + body + " end")) {
            assertThatThrownBy(() -> functions.call(INSERT))
                    .isInstanceOf(FunctionException.class)
                    .hasMessageStartingWith("transform (functions.lua")
                    .hasMessageContaining(error);
            assertThat(value(functions.call(change("read", "{}")))).isEqualTo("1");
        }
    }

    @Test
    void whatIsNestedAsDeepAsMayBeComesBack() throws Exception {
        String nested = "[".repeat(199) + "]".repeat(199);
        try (var functions = compile("function transform(action, record) return record end")) {
            assertThat(value(functions.call(change("insert", nested)))).isEqualTo(nested);
        }
    }

    @Test
    void whatAFunctionPrintsComesLineByLine() throws Exception {
        try (var functions =
                compile("function filter(action, record) print('über', record.id, record.note) return true end")) {
            functions.call(INSERT);
            assertThat(printed).containsExactly("über\t1\tnull");
        }
    }

    @Test
    void whatIsRandomIsTheSameEachTime() throws Exception {
        String text = "function transform() return {math.random(1000000), tostring({}) ~= ''} end";
        try (var one = compile(text);
                var other = compile(text)) {
            assertThat(value(one.call(INSERT))).isEqualTo(value(other.call(INSERT)));
        }
    }

    private Functions compile(String text) throws FunctionException {
        return compile(text, Duration.ofSeconds(20)); // a first call on a busy machine
    }

    private Functions compile(String text, Duration limit) throws FunctionException {
        return Functions.compile("functions.lua", text.getBytes(UTF_8), limit, printed::add);
    }
}
