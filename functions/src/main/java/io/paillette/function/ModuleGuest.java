package io.paillette.function;

import com.dylibso.chicory.runtime.ImportFunction;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.wasm.ChicoryException;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.ExternalType;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.MemorySection;
import com.dylibso.chicory.wasm.types.ValType;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A module that a user has compiled, from whatever language. */
final class ModuleGuest implements Guest {

    private static final String ALLOCATE = "allocate";
    private static final FunctionType ALLOCATES = FunctionType.of(List.of(ValType.I32), List.of(ValType.I32));
    private static final FunctionType ANSWERS =
            FunctionType.of(List.of(ValType.I32, ValType.I32), List.of(ValType.I64));

    private static final String NEEDED =
            " (docs/guides/transform.md); of Go, compile with -buildmode=c-shared and write //go:wasmexport above the functions";

    private final String file;
    private final byte[] wasm;
    private final Set<FunctionName> defined = EnumSet.noneOf(FunctionName.class);

    ModuleGuest(String file, byte[] wasm) {
        this.file = file;
        this.wasm = wasm;
    }

    @Override
    public Program program() throws FunctionException {
        try {
            Program program = Program.of(wasm);
            check(program.module());
            return program;
        } catch (ChicoryException e) {
            throw says("it is no module of WebAssembly (" + e.getMessage() + ")", e);
        }
    }

    private void check(WasmModule module) throws FunctionException {
        for (int i = 0; i < module.importSection().importCount(); i++) {
            var wanted = module.importSection().getImport(i);
            if (!wanted.module().equals(Console.MODULE)) {
                throw says(
                        "it imports " + wanted.module() + "." + wanted.name()
                                + ", and all that there is are the functions of " + Console.MODULE,
                        null);
            }
        }
        checkMemory(module);
        for (FunctionName name : FunctionName.values()) {
            if (exported(module, name.text(), ANSWERS, "(i32, i32) -> i64")) {
                defined.add(name);
            }
        }
        if (defined.isEmpty() || !exported(module, ALLOCATE, ALLOCATES, "(i32) -> i32")) {
            throw says("it has to export allocate and at least one of filter, transform and route" + NEEDED, null);
        }
    }

    private void checkMemory(WasmModule module) throws FunctionException {
        int count = module.memorySection().map(MemorySection::memoryCount).orElse(0);
        if (count != 1) {
            throw says("it has " + count + " memories, and has to have one" + NEEDED, null);
        }
        int pages = module.memorySection().orElseThrow().getMemory(0).limits().initialPages();
        if (pages > Program.MOST_PAGES) {
            throw says(
                    "it begins with " + pages / 16 + " MiB of memory, and may have " + Program.MOST_PAGES / 16 + " MiB",
                    null);
        }
    }

    private boolean exported(WasmModule module, String name, FunctionType type, String shown) throws FunctionException {
        Optional<Integer> index = Optional.empty();
        for (int i = 0; i < module.exportSection().exportCount(); i++) {
            var export = module.exportSection().getExport(i);
            if (export.name().equals(name) && export.exportType() == ExternalType.FUNCTION) {
                index = Optional.of(export.index());
            }
        }
        if (index.isEmpty()) {
            return false;
        }
        int own = index.get() - module.importSection().count(ExternalType.FUNCTION);
        if (own < 0
                || !module.functionSection()
                        .getFunctionType(own, module.typeSection())
                        .equals(type)) {
            throw says("its export " + name + " has to be a function " + shown, null);
        }
        return true;
    }

    private FunctionException says(String fault, @Nullable Throwable cause) {
        return Where.file(file).says(fault, cause);
    }

    @Override
    public Set<ImportFunction> imports(Supplier<Instance> instance) {
        return Set.of();
    }

    @Override
    public Set<FunctionName> define(Running running) {
        return defined;
    }

    /** As it is: what a number means is the module's. */
    @Override
    public byte[] given(byte[] change) {
        return change;
    }

    @Override
    public FunctionException fault(Where where, String message) {
        return where.says(message, null);
    }
}
