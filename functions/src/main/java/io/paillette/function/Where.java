package io.paillette.function;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What an error is about.
 *
 * @param function empty: the file itself
 * @param place    in the file, such as ", line 2"; may be empty
 */
record Where(String file, Optional<String> function, String place) {

    static Where file(String file) {
        return new Where(file, Optional.empty(), "");
    }

    static Where function(String file, String function) {
        return new Where(file, Optional.of(function), "");
    }

    Where at(String place) {
        return new Where(file, function, place);
    }

    FunctionException says(String fault, @Nullable Throwable cause) {
        return FunctionException.of(text() + ": " + fault, cause);
    }

    FunctionException late(Duration limit, @Nullable Throwable cause) {
        return FunctionException.late(text() + ": it took longer than " + limit.toMillis() + " ms", cause);
    }

    private String text() {
        return function.map(name -> name + " (" + file + place + ")").orElse(file + place);
    }
}
