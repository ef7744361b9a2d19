package io.paillette.function;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a module has written as errors before it ended: Go's panics and Rust's are told there, with where they come from. */
final class LastWords {

    private static final int LONGEST = 500;
    private static final Pattern PANIC =
            Pattern.compile("^(?:panic:|fatal error:|runtime: out of memory)|\\bpanicked at\\b");
    private static final Pattern PLACE = Pattern.compile("([\\w.-]+\\.(?:go|rs|c|cc|cpp|zig)):(\\d+)");

    /** Go names functions above their places; those of the user are in this package. */
    private static final String OF_MAIN = "main.";

    private final List<String> lines;

    LastWords(String errors) {
        this.lines = errors.lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .toList();
    }

    /** @param what the machine says of it */
    FunctionException fault(Where where, String what, Throwable cause) {
        String said = panic().or(() -> lines.stream().findFirst().map(line -> line + " (" + what + ")"))
                .orElse(what);
        String told = said.length() > LONGEST ? said.substring(0, LONGEST) + "..." : said;
        return where.at(place().map(at -> ", " + at).orElse("")).says(told, cause);
    }

    private Optional<String> panic() {
        for (int i = 0; i < lines.size(); i++) {
            if (PANIC.matcher(lines.get(i)).find()) {
                boolean goesOn = lines.get(i).endsWith(":") && i + 1 < lines.size();
                return Optional.of(goesOn ? lines.get(i) + " " + lines.get(i + 1) : lines.get(i));
            }
        }
        return Optional.empty();
    }

    private Optional<String> place() {
        for (int i = 0; i + 1 < lines.size(); i++) {
            if (lines.get(i).startsWith(OF_MAIN)) {
                Optional<String> at = place(lines.get(i + 1));
                if (at.isPresent()) {
                    return at;
                }
            }
        }
        return lines.stream().flatMap(line -> place(line).stream()).findFirst();
    }

    private static Optional<String> place(String line) {
        Matcher found = PLACE.matcher(line);
        return found.find() ? Optional.of(found.group(1) + " line " + found.group(2)) : Optional.empty();
    }
}
