package io.paillette.function;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.PolyglotException.StackFrame;
import org.graalvm.polyglot.SourceSection;

/** Puts what JavaScript has against a file into words: which function, where, what. */
final class Faults {

    private static final Pattern PLACE = Pattern.compile("^SyntaxError: \\S+?:\\d+:\\d+ ");
    private static final Pattern RUNNER = Pattern.compile("run(Filter|Transform|Route)");

    private final String file;

    Faults(String file) {
        this.file = file;
    }

    FunctionException ofFile(PolyglotException e) {
        return Where.file(file).at(place(e)).says(what(e), e);
    }

    FunctionException ofFile(String fault) {
        return Where.file(file).says(fault, null);
    }

    FunctionException ofCall(PolyglotException e) {
        return Where.function(file, function(e)).at(place(e)).says(what(e), e);
    }

    FunctionException late(PolyglotException e, Duration limit) {
        return Where.function(file, function(e)).at(place(e)).late(limit, e);
    }

    FunctionException ofFileLate(Duration limit) {
        return Where.file(file).late(limit, null);
    }

    private static String what(PolyglotException e) {
        if (e.isResourceExhausted()) {
            return "it needs more memory than there is (" + firstLine(e) + ")";
        }
        return PLACE.matcher(firstLine(e)).replaceFirst("SyntaxError: ");
    }

    private static String firstLine(PolyglotException e) {
        String message = String.valueOf(e.getMessage());
        return message.lines().findFirst().orElse(message);
    }

    /** Where in the user's file; where the fault is in what it has returned, nowhere. */
    private static String place(PolyglotException e) {
        return Optional.ofNullable(e.getSourceLocation())
                .filter(Faults::isUsers)
                .or(() -> frames(e))
                .map(at -> ", line " + at.getStartLine() + ", column " + at.getStartColumn())
                .orElse("");
    }

    private static Optional<SourceSection> frames(PolyglotException e) {
        for (StackFrame frame : e.getPolyglotStackTrace()) {
            SourceSection at = frame.isGuestFrame() ? frame.getSourceLocation() : null;
            if (at != null && isUsers(at)) {
                return Optional.of(at);
            }
        }
        return Optional.empty();
    }

    private static boolean isUsers(SourceSection at) {
        return at.isAvailable() && at.hasLines() && !Sandbox.isOwn(at.getSource());
    }

    /** By who has called it. */
    private static String function(PolyglotException e) {
        for (StackFrame frame : e.getPolyglotStackTrace()) {
            if (frame.isGuestFrame() && RUNNER.matcher(frame.getRootName()).matches()) {
                return frame.getRootName().substring("run".length()).toLowerCase(Locale.ROOT);
            }
        }
        return "the function";
    }
}
