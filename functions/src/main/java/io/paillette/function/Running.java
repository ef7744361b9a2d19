package io.paillette.function;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.dylibso.chicory.runtime.ExportFunction;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Memory;
import io.paillette.function.Outcome.Dropped;
import io.paillette.function.Outcome.Kept;
import io.paillette.function.Outcome.Routing;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An instance of a module: gives its functions text and reads what they answer. An answer is a number of 64 bits: 0 for nothing,
 * else where a text lies in the upper half and its length in bytes in the lower; negative, the text is the message of an error.
 */
final class Running {

    private static final Dropped DROPPED = new Dropped();
    private static final String ALLOCATE = "allocate";

    private final String file;
    private final Instance instance;
    private final Guest guest;
    private final ExportFunction allocate;
    private final Map<FunctionName, ExportFunction> functions = new EnumMap<>(FunctionName.class);

    private Where where;

    /** @param instance whose exports are there, and of the right types */
    Running(String file, Instance instance, Guest guest) {
        this.file = file;
        this.instance = instance;
        this.guest = guest;
        this.allocate = instance.export(ALLOCATE);
        this.where = Where.file(file);
    }

    void define() throws FunctionException {
        Set<FunctionName> defined = guest.define(this);
        defined.forEach(name -> functions.put(name, instance.export(name.text())));
    }

    Instance instance() {
        return instance;
    }

    /** What runs, or ran last. */
    Where where() {
        return where;
    }

    Outcome call(byte[] change) throws FunctionException {
        byte[] given = guest.given(change);
        where = Where.function(file, ALLOCATE);
        int at = place(given);
        byte[] kept = run(FunctionName.FILTER, at, given.length);
        if (kept != null && !Answers.isKept(kept, where)) {
            return DROPPED;
        }
        byte[] made = run(FunctionName.TRANSFORM, at, given.length);
        byte @Nullable [] value = made == null ? change : Answers.value(made, where);
        byte[] to = run(FunctionName.ROUTE, at, given.length);
        return new Kept(value, to == null ? Routing.NONE : Answers.routing(to, where));
    }

    /** Where it lies in the memory of the module. */
    int place(byte[] bytes) {
        int at = (int) allocate.apply(bytes.length)[0];
        if (at == 0 && bytes.length > 0) {
            throw new IllegalStateException("its allocate has no memory for " + bytes.length + " bytes");
        }
        instance.memory().write(at, bytes);
        return at;
    }

    /** Null: there is no such function. */
    private byte @Nullable [] run(FunctionName name, int at, int length) throws FunctionException {
        ExportFunction function = functions.get(name);
        if (function == null) {
            return null;
        }
        where = Where.function(file, name.text());
        long told = function.apply(at, length)[0];
        if (told == 0) {
            throw where.says("it returned nothing; " + name.wanted(), null);
        }
        if (told < 0) {
            throw guest.fault(where, new String(read(-told), UTF_8));
        }
        return read(told);
    }

    byte[] read(long told) throws FunctionException {
        Memory memory = instance.memory();
        long at = told >>> Integer.SIZE;
        long length = Integer.toUnsignedLong((int) told);
        long size = (long) memory.pages() * Memory.PAGE_SIZE;
        if (at + length > size) {
            throw where.says(
                    "it returned a text of " + length + " bytes at " + at + ", and the memory has " + size + " bytes",
                    null);
        }
        return memory.readBytes((int) at, (int) length);
    }
}
