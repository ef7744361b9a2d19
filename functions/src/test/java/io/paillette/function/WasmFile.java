package io.paillette.function;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** Writes small modules of WebAssembly, with the code of their functions in hexadecimal digits. */
final class WasmFile {

    static final String I32 = "7f";
    static final String I64 = "7e";

    private final List<String> types = new ArrayList<>();
    private final List<String> imports = new ArrayList<>();
    private final List<String> functions = new ArrayList<>();
    private final List<String> memories = new ArrayList<>();
    private final List<String> exports = new ArrayList<>();
    private final List<String> codes = new ArrayList<>();
    private final List<String> data = new ArrayList<>();

    /** With a memory of a page, and an {@code allocate} that says 1024. */
    static WasmFile usual() {
        return new WasmFile().memory(1).function("allocate", I32, I32, "418008");
    }

    WasmFile imported(String module, String name) {
        imports.add(name(module) + name(name) + "00" + leb(type("", "")));
        return this;
    }

    WasmFile memory(int pages) {
        memories.add("00" + leb(pages));
        exports.add(name("memory") + "0200");
        return this;
    }

    WasmFile function(String name, String parameters, String results, String code) {
        exports.add(name(name) + "00" + leb(imports.size() + functions.size()));
        functions.add(leb(type(parameters, results)));
        String body = "00" + code + "0b";
        codes.add(leb(body.length() / 2) + body);
        return this;
    }

    /** One that is called with a change. */
    WasmFile function(String name, String code) {
        return function(name, I32 + I32, I64, code);
    }

    WasmFile data(int at, String text) {
        data.add("0041" + leb(at) + "0b" + name(text));
        return this;
    }

    /** The number that says where a text lies. */
    static String answer(int at, int length) {
        return constant(((long) at << 32) | length);
    }

    static String constant(long value) {
        return "42" + leb(value);
    }

    byte[] bytes() {
        return HexFormat.of()
                .parseHex("0061736d01000000" + section("01", types) + section("02", imports) + section("03", functions)
                        + section("05", memories) + section("07", exports) + section("0a", codes)
                        + section("0b", data));
    }

    private int type(String parameters, String results) {
        types.add("60" + leb(parameters.length() / 2) + parameters + leb(results.length() / 2) + results);
        return types.size() - 1;
    }

    private static String section(String id, List<String> members) {
        String content = leb(members.size()) + String.join("", members);
        return members.isEmpty() ? "" : id + leb(content.length() / 2) + content;
    }

    private static String name(String text) {
        byte[] bytes = text.getBytes(UTF_8);
        return leb(bytes.length) + HexFormat.of().formatHex(bytes);
    }

    /** Signed, which for what is not negative may be read as unsigned too: it has a byte more than it would need at most. */
    private static String leb(long value) {
        var out = new ByteArrayOutputStream();
        long left = value;
        while (left < -64 || left > 63) {
            out.write((int) ((left & 0x7f) | 0x80));
            left >>= 7;
        }
        out.write((int) (left & 0x7f));
        return HexFormat.of().formatHex(out.toByteArray());
    }
}
