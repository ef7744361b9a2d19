package io.paillette.function;

import com.dylibso.chicory.compiler.InterpreterFallback;
import com.dylibso.chicory.compiler.MachineFactoryCompiler;
import com.dylibso.chicory.runtime.ByteArrayMemory;
import com.dylibso.chicory.runtime.CompiledModule;
import com.dylibso.chicory.runtime.ImportValues;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.wasm.ChicoryException;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.CodeSection;
import com.dylibso.chicory.wasm.types.FunctionBody;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import java.util.List;
import java.util.function.Function;

/** A module of WebAssembly as byte code of the JVM, of which instances are made. */
final class Program {

    /** Of 64 KiB. A broker has 256 MiB of heap by default, and a memory takes what it has grown to. */
    static final int MOST_PAGES = 1_024;

    private static final FunctionBody FORGOTTEN = new FunctionBody(List.of(), List.of());

    private final WasmModule module;
    private final Function<Instance, Machine> machines;

    private Program(WasmModule module, Function<Instance, Machine> machines) {
        this.module = module;
        this.machines = machines;
    }

    /** @throws ChicoryException where it is none */
    static Program of(byte[] wasm) {
        WasmModule module = Parser.parse(wasm);
        try {
            return whole(module);
        } catch (ChicoryException e) { // a function is too long for a method of Java
            return new Program(
                    module,
                    MachineFactoryCompiler.builder(module)
                            .withInterpreterFallback(InterpreterFallback.SILENT)
                            .compile());
        }
    }

    /**
     * Of a module through whose functions exceptions of the host pass: the interpreter's own stack would not be unwound.
     *
     * @throws ChicoryException where a function is too long for a method of Java
     */
    static Program withoutInterpreter(byte[] wasm) {
        return whole(Parser.parse(wasm));
    }

    /** Instructions as objects are a multiple of the file; as all have become byte code they are forgotten. */
    private static Program whole(WasmModule module) {
        var compiled = (CompiledModule) MachineFactoryCompiler.builder(module)
                .withInterpreterFallback(InterpreterFallback.FAIL)
                .compile();
        return new Program(withoutCode(module), compiled.machineFactory());
    }

    private static WasmModule withoutCode(WasmModule module) {
        var code = CodeSection.builder();
        for (int i = 0; i < module.codeSection().functionBodyCount(); i++) {
            code.addFunctionBody(FORGOTTEN);
        }
        var copy = WasmModule.builder()
                .setTypeSection(module.typeSection())
                .setImportSection(module.importSection())
                .setFunctionSection(module.functionSection())
                .setTableSection(module.tableSection())
                .setGlobalSection(module.globalSection())
                .setExportSection(module.exportSection())
                .setElementSection(module.elementSection())
                .setDataSection(module.dataSection())
                .setCodeSection(code.build())
                .withValidation(false);
        module.memorySection().ifPresent(copy::setMemorySection);
        module.startSection().ifPresent(copy::setStartSection);
        module.dataCountSection().ifPresent(copy::setDataCountSection);
        module.tagSection().ifPresent(copy::setTagSection);
        return copy.build();
    }

    WasmModule module() {
        return module;
    }

    /** Of a module that has one memory, of no more pages than there may be. */
    Instance newInstance(ImportValues imports) {
        var limits = module.memorySection().orElseThrow().getMemory(0).limits();
        int initial = limits.initialPages();
        return Instance.builder(module)
                .withImportValues(imports)
                .withMachineFactory(machines)
                .withMemoryFactory(ByteArrayMemory::new)
                .withMemoryLimits(new MemoryLimits(initial, Math.min(limits.maximumPages(), MOST_PAGES)))
                .withStart(false)
                .build();
    }
}
