package io.paillette.function;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paillette.function.Outcome.Dropped;
import io.paillette.function.Outcome.Header;
import io.paillette.function.Outcome.Kept;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Modules that are written by hand, down to those that do nothing as they should. */
class WebAssemblyTest {

    private static final String I32 = WasmFile.I32;
    private static final String I64 = WasmFile.I64;
    private static final String LOOP = "03400c000b";
    private static final Duration SHORT = Duration.ofMillis(100);
    private static final byte[] CHANGE =
            "{\"record\":{},\"changes\":null,\"action\":\"insert\",\"metadata\":{}}".getBytes(UTF_8);

    @Test
    void aModuleAnswersWhereATextLies() throws Exception {
        String to = "{\"key\": {\"a\" : [1]} , \"partition\":2,\"headers\":{\"b\":\"c\"}}";
        var all = WasmFile.usual()
                .data(0, "true")
                .data(8, "[1]")
                .data(16, to)
                .function("filter", WasmFile.answer(0, 4))
                .function("transform", WasmFile.answer(8, 3))
                .function("route", WasmFile.answer(16, to.length()));
        try (var functions = compile(all)) {
            Kept kept = (Kept) functions.call(CHANGE);
            assertThat(kept.value()).asString(UTF_8).isEqualTo("[1]");
            assertThat(kept.routing().key().orElseThrow().bytes())
                    .asString(UTF_8)
                    .isEqualTo("{\"a\" : [1]}");
            assertThat(kept.routing().partition()).hasValue(2);
            assertThat(kept.routing().headers()).containsExactly(new Header("b", "c"));
        }
        try (var functions = compile(WasmFile.usual().data(0, "false").function("filter", WasmFile.answer(0, 5)))) {
            assertThat(functions.call(CHANGE)).isInstanceOf(Dropped.class);
        }
    }

    @Test
    void theTextOfTheChangeLiesWhereItWasAllocated() throws Exception {
        try (var functions = compile(WasmFile.usual().function("transform", "2000ad42208620" + "01ad84"))) {
            assertThat(((Kept) functions.call(CHANGE)).value()).isEqualTo(CHANGE);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "unreachable | 00 | nreachable",
                "0 | 4200 | transform (module.wasm): it returned nothing; it has to return a JSON value; null is a tombstone",
                "bytes that are 0 | 4205 | transform (module.wasm): it returned no JSON: ",
                "no bytes | 42808080808001 | transform (module.wasm): it returned no JSON but an empty text",
                "at 2^31 - 1 | 4281808080f0ffffffff00 | transform (module.wasm): it returned a text of 1 bytes at 2147483647, and the memory has 65536 bytes",
                "4 GiB | 42ffffffff0f | a text of 4294967295 bytes at 0",
                "the least number | 428080808080808080807f | a text of 0 bytes at 2147483648",
                "a load past the end | 41f0a2042903 00 | out of bounds memory access",
                "a division by 0 | 420142007f | integer divide by zero",
                "a recursion | 2000 2001 1001 | call stack exhausted",
                "two values | 4208 | it returned more than one JSON value",
                "a negative number | 427b | transform (module.wasm): true ",
            })
    void whatIsNoAnswerIsAnError(String what, String code, String error) throws Exception {
        String data = what.equals("two values") || what.equals("a negative number") ? "true [] " : "\0";
        var module = WasmFile.usual().data(0, data).function("transform", code.replace(" ", ""));
        try (var functions = compile(module)) {
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(() -> functions.call(CHANGE))
                        .as(what)
                        .isInstanceOf(FunctionException.class)
                        .hasMessageStartingWith("transform (module.wasm): ")
                        .hasMessageContaining(error);
            }
        }
    }

    @Test
    void whatIsNoModuleOfFunctionsIsRefused() {
        String needed = "it has to export allocate and at least one of filter, transform and route";
        String memory = "it has 0 memories, and has to have one";
        refused(new WasmFile(), memory);
        refused(new WasmFile().memory(1).function("filter", "4200"), needed);
        refused(new WasmFile().function("allocate", I32, I32, "4100").function("filter", "4200"), memory);
        refused(WasmFile.usual(), needed);
        refused(
                WasmFile.usual().function("filter", I32, I64, "4200"),
                "its export filter has to be a function (i32, i32) -> i64");
        refused(
                new WasmFile().memory(1).function("allocate", "", I32, "4100").function("filter", "4200"),
                "its export allocate has to be a function (i32) -> i32");
        refused(
                WasmFile.usual().function("filter", "4200").imported("env", "time"),
                "it imports env.time, and all that there is are the functions of wasi_snapshot_preview1");
        refused(
                new WasmFile()
                        .imported("wasi_snapshot_preview1", "teleport")
                        .memory(1)
                        .function("allocate", I32, I32, "4100")
                        .function("filter", "4200"),
                "wasi_snapshot_preview1.teleport");
        refused(
                new WasmFile()
                        .memory(2000)
                        .function("allocate", I32, I32, "4100")
                        .function("filter", "4200"),
                "it begins with 125 MiB of memory, and may have 64 MiB");
    }

    private static void refused(WasmFile module, String error) {
        assertThatThrownBy(() -> compile(module))
                .isInstanceOf(FunctionException.class)
                .hasMessageStartingWith("module.wasm: ")
                .hasMessageContaining(error);
    }

    @Test
    void aFileThatIsNoWebAssemblyOrOfNoLanguageIsRefused() {
        assertThatThrownBy(() -> Functions.compile("module.wasm", "no module".getBytes(UTF_8), SHORT, line -> {}))
                .hasMessageStartingWith("module.wasm: it is no module of WebAssembly (");
        assertThatThrownBy(() -> Functions.compile("functions.py", new byte[0], SHORT, line -> {}))
                .hasMessage(
                        "functions.py: the end of its name says in what it is written, and has to be one of .js, .lua, .wasm");
    }

    @Test
    void memoryGrowsToItsLimitAndNoFurther() throws Exception {
        String more = "41ff074000417f460440" + "42000f0b"; // by 1,023 pages, or return 0
        String tooMuch = "41014000417f470440" + "42000f0b"; // by one more, and return 0 where that goes
        var module = WasmFile.usual().data(0, "true").function("filter", more + tooMuch + WasmFile.answer(0, 4));
        try (var functions = compile(module)) {
            assertThat(functions.call(CHANGE)).isInstanceOf(Kept.class);
        }
    }

    @Test
    void aCallThatTakesTooLongIsEnded() throws Exception {
        try (var functions = compile(WasmFile.usual().function("filter", LOOP + "4200"))) {
            assertThatThrownBy(() -> functions.call(CHANGE))
                    .hasMessage("filter (module.wasm): it took longer than 1000 ms");
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
        }
        assertThatThrownBy(() ->
                        compile(WasmFile.usual().function("filter", "4200").function("_initialize", "", "", LOOP)))
                .hasMessage("module.wasm: it took longer than 1000 ms");
    }

    @Test
    void aCallThatIsInterruptedEndsAtOnceAndIsNotMadeAgain() throws Exception {
        byte[] module = WasmFile.usual().function("filter", LOOP + "4200").bytes();
        try (var functions = Functions.compile("module.wasm", module, Duration.ofMinutes(1), line -> {})) {
            var call = CompletableFuture.supplyAsync(() -> {
                try {
                    return functions.call(CHANGE);
                } catch (FunctionException e) {
                    return e;
                }
            });
            Awaitility.await().until(WebAssemblyTest::isWatched);
            functions.interrupt();
            assertThat(call.get(30, TimeUnit.SECONDS)).isInstanceOf(FunctionException.class);
            assertThatThrownBy(() -> functions.call(CHANGE)).isInstanceOf(FunctionException.class);
        }
    }

    private static boolean isWatched() {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().equals("paillette-limit-module.wasm")
                        && thread.getState() == Thread.State.TIMED_WAITING);
    }

    private static Functions compile(WasmFile module) throws FunctionException {
        return Functions.compile("module.wasm", module.bytes(), SHORT, line -> {});
    }
}
