package io.paillette.function;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.dylibso.chicory.runtime.HostFunction;
import com.dylibso.chicory.runtime.ImportFunction;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.ValType;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A file of Lua, read by Lua 5.4 that was compiled to WebAssembly; see src/main/lua. */
final class LuaGuest implements Guest {

    private static final String HOST = "paillette";

    /** Lua shortens longer names of files in its messages. */
    private static final int LONGEST_NAME = 59;

    private static final String SHORT_NAME = "functions.lua";

    private final String file;
    private final byte[] name;
    private final byte[] text;
    private final Pattern place;

    LuaGuest(String file, byte[] text) {
        this.file = file;
        byte[] given = file.getBytes(UTF_8);
        this.name = given.length > LONGEST_NAME ? SHORT_NAME.getBytes(UTF_8) : given;
        this.text = text;
        this.place = Pattern.compile(Pattern.quote(new String(name, UTF_8)) + ":(\\d+): (.*)", Pattern.DOTALL);
    }

    /** Compiled when first there is a file of Lua, and once. */
    private static final class Lua {

        /** Not of the initializer: one that fails, for want of memory, would fail for ever. */
        private static final AtomicReference<Program> PROGRAM = new AtomicReference<>();

        private Lua() {}

        static synchronized Program program() {
            Program known = PROGRAM.get();
            Program compiled = known == null ? Program.withoutInterpreter(wasm()) : known;
            PROGRAM.set(compiled);
            return compiled;
        }

        private static byte[] wasm() {
            String resource = "lua.wasm";
            try (InputStream in = Objects.requireNonNull(LuaGuest.class.getResourceAsStream(resource), resource)) {
                return in.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(resource, e);
            }
        }
    }

    /** What Lua throws: on its way from {@code throw} to the nearest {@code protect}. The status is in Lua. */
    private static final class Thrown extends RuntimeException {

        private static final long serialVersionUID = 1L;

        Thrown() {
            super("an error of Lua that nothing in Lua catches", null, false, false);
        }
    }

    @Override
    public Program program() {
        return Lua.program();
    }

    @Override
    public Set<ImportFunction> imports(Supplier<Instance> instance) {
        var nothing = List.<ValType>of();
        var protect = new HostFunction(
                HOST,
                "protect",
                FunctionType.of(List.of(ValType.I32, ValType.I32, ValType.I32), nothing),
                (caller, arguments) -> {
                    try {
                        instance.get().export("call_protected").apply(arguments);
                    } catch (Thrown e) {
                        return null; // Lua has noted the status, and looks at it next
                    }
                    return null;
                });
        var thrown = new HostFunction(HOST, "throw", FunctionType.of(nothing, nothing), (caller, arguments) -> {
            throw new Thrown();
        });
        return Set.of(protect, thrown);
    }

    @Override
    public Set<FunctionName> define(Running running) throws FunctionException {
        byte[] both = new byte[name.length + text.length];
        System.arraycopy(name, 0, both, 0, name.length);
        System.arraycopy(text, 0, both, name.length, text.length);
        long defined = running.instance().export("load").apply(running.place(both), name.length, text.length)[0];
        if (defined < 0) {
            throw fault(Where.file(file), new String(running.read(-defined), UTF_8));
        }
        var names = EnumSet.noneOf(FunctionName.class);
        long left = defined;
        for (FunctionName function : FunctionName.values()) {
            if ((left & 1) == 1) {
                names.add(function);
            }
            left >>= 1;
        }
        if (names.isEmpty()) {
            throw Where.file(file)
                    .says(
                            "it defines none of the functions filter, transform and route; write one as in:"
                                    + " function filter(action, record, changes, metadata) return true end",
                            null);
        }
        return names;
    }

    @Override
    public byte[] given(byte[] change) {
        return ExactNumbers.ofDoublesAndLongs().quoted(change);
    }

    @Override
    public FunctionException fault(Where where, String message) {
        Matcher placed = place.matcher(message);
        return placed.matches()
                ? where.at(", line " + placed.group(1)).says(placed.group(2), null)
                : where.says(message, null);
    }
}
