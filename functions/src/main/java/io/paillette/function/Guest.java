package io.paillette.function;

import com.dylibso.chicory.runtime.ImportFunction;
import com.dylibso.chicory.runtime.Instance;
import java.util.Set;
import java.util.function.Supplier;

/** A module of WebAssembly, as far as one differs from another. */
sealed interface Guest permits LuaGuest, ModuleGuest {

    /** As long as it takes. */
    Program program() throws FunctionException;

    /** What it may call besides WASI. */
    Set<ImportFunction> imports(Supplier<Instance> instance);

    /** After its {@code _initialize}; the functions that there are, of which at least one. */
    Set<FunctionName> define(Running running) throws FunctionException;

    /** The change as the module can read it. */
    byte[] given(byte[] change);

    /** An error that the module itself tells. */
    FunctionException fault(Where where, String message);
}
