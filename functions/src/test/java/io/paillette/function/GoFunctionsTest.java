package io.paillette.function;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.paillette.function.Outcome.Kept;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What src/test/go/trial.go does, with the helper of docs/guides/go. */
class GoFunctionsTest {

    /** Ten times as long is long enough for a busy machine. */
    private static final Duration LIMIT = Duration.ofMillis(300);

    private static final List<String> PRINTED = new ArrayList<>();
    private static final Path GO = Path.of("src", "test", "go");
    private static final Path GUIDE = Path.of("..", "docs", "guides", "go");
    private static final Path LUA = Path.of("src", "main", "lua");

    private static Functions functions;

    @BeforeAll
    static void compile() throws Exception {
        functions = Functions.compile("trial.wasm", resource("trial.wasm"), LIMIT, PRINTED::add);
    }

    @AfterAll
    static void close() {
        functions.close();
    }

    private static byte[] resource(String name) throws Exception {
        try (InputStream in = Objects.requireNonNull(GoFunctionsTest.class.getResourceAsStream(name), name)) {
            return in.readAllBytes();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "src/test/resources/io/paillette/function/go.sums",
                "src/main/resources/io/paillette/function/lua.sums"
            })
    void whatIsCompiledIsOfTheSourcesThatAreThere(String sums) throws Exception {
        for (String line : Files.readAllLines(Path.of(sums))) {
            String file = line.substring(66);
            Path source = List.of(GUIDE, GO, LUA).stream()
                    .map(directory -> directory.resolve(file))
                    .filter(Files::exists)
                    .findFirst()
                    .orElseThrow();
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(source));
            assertThat(line)
                    .as("run functions/src/test/go/make, and functions/src/main/lua/make")
                    .startsWith(HexFormat.of().formatHex(digest));
        }
    }

    @Test
    void aRecordThatIsPassedOnIsTheSameButForTheOrderOfItsNames() throws Exception {
        assertThat(value("{\"z\": [1, -2.50, 12345678901234567890.10, 1e5], \"a\":{\"\":null,\"b\":[],\"c\":{}},"
                        + "\"e\":\"\\u00e4\\ud83d\\ude00\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0001\",\"t\":true,\"f\":false}"))
                .isEqualTo(
                        "{\"a\":{\"\":null,\"b\":[],\"c\":{}},\"e\":\"ä\uD83D\uDE00\\\"\\\\/\\u0008\\u000c\\u000a\\u000d\\u0009\\u0001\","
                                + "\"f\":false,\"t\":true,\"z\":[1,-2.50,12345678901234567890.10,1e5]}");
        assertThat(value("null")).isEqualTo("null");
        assertThat(value("{\"do\":\"types\"}"))
                .isEqualTo("[-1,2,0.5,[\"a\"],{\"b\":\"c\"},1e+300,1000000000000000,0.1]");
        String large = "{\"text\":\"" + "x".repeat(100_000) + "\"}";
        assertThat(value(large)).isEqualTo(large);
    }

    @Test
    void whatIsPassedOnIsWhatItWas() throws Exception {
        new RandomRecords().comeBackFrom(functions);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "fail | transform (trial.wasm): no such customer",
                "panic | transform (trial.wasm, trial.go line 24): panic: runtime error: index out of range [5] with length 3",
                "assert | transform (trial.wasm, trial.go line 26): panic: interface conversion: interface {} is nil, not string",
                "exit | transform (trial.wasm): it has exited with code 3",
                "file | transform (trial.wasm): open /etc/passwd: ",
                "bytes | transform (trial.wasm): it returned no JSON: Invalid UTF-8",
                "type | transform (trial.wasm): it returned a value that cannot be JSON as it is: make it of map[string]any",
                "memory | transform (trial.wasm, trial.go line 38): runtime: out of memory: ",
            })
    void whatFailsComesWithItsPlaceAndTheNextCallIsMade(String what, String error) throws Exception {
        assertThatThrownBy(() -> value("{\"do\":\"" + what + "\",\"list\":[1,2,3]}"))
                .isInstanceOf(FunctionException.class)
                .hasMessageContaining(error);
        assertThat(value("{\"id\":1}")).isEqualTo("{\"id\":1}");
    }

    @Test
    void whatItKeepsStaysFromCallToCallUntilItPanics() throws Exception {
        int calls = Integer.parseInt(value("{\"do\":\"calls\"}"));
        assertThat(value("{\"do\":\"calls\"}")).isEqualTo(String.valueOf(calls + 1));
        assertThatThrownBy(() -> value("{\"do\":\"panic\",\"list\":[]}")).isInstanceOf(FunctionException.class);
        assertThat(value("{\"do\":\"calls\"}")).isEqualTo("1");
    }

    @Test
    void itSeesNoEnvironmentAndWhatItPrintsComesLineByLine() throws Exception {
        assertThat(value("{\"do\":\"environment\"}")).isEqualTo("\"\"");
        PRINTED.clear();
        var unused = value("{\"do\":\"print\"}");
        assertThat(PRINTED).containsExactly("to the log: and here", "insert");
    }

    @Test
    void oneThatSleepsIsLate() throws Exception {
        assertThatThrownBy(() -> value("{\"do\":\"sleep\"}"))
                .hasMessage("transform (trial.wasm): it took longer than 3000 ms");
        assertThat(value("{}")).isEqualTo("{}");
    }

    private static String value(String record) throws FunctionException {
        byte[] value = ((Kept) functions.call(change(record))).value();
        return value == null ? "null" : new String(value, UTF_8);
    }

    private static byte[] change(String record) {
        return ("{\"record\":" + record + ",\"changes\":null,\"action\":\"insert\",\"metadata\":{}}").getBytes(UTF_8);
    }
}
