package io.paillette.broker.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.logging.ConsoleHandler;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/** One line per record on standard error: time, level, who, what; a stack trace only where one was given. */
final class LogFormat extends Formatter {

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS", Locale.ROOT).withZone(ZoneId.systemDefault());

    /** Held here: the logging framework itself lets go of loggers that nobody holds, and of their levels. */
    private static final Logger ROOT = Logger.getLogger("");

    private static final Logger OURS = Logger.getLogger("io.paillette");

    private LogFormat() {}

    /** For a command whose answer is all that it has to say. */
    static void silence() {
        ROOT.setLevel(Level.OFF);
    }

    static void install(boolean verbose) {
        for (Handler handler : ROOT.getHandlers()) {
            ROOT.removeHandler(handler);
        }
        var handler = new ConsoleHandler();
        handler.setLevel(Level.ALL);
        handler.setFormatter(new LogFormat());
        ROOT.addHandler(handler);
        ROOT.setLevel(verbose ? Level.INFO : Level.WARNING);
        OURS.setLevel(verbose ? Level.FINE : Level.INFO);
    }

    @Override
    public String format(LogRecord record) {
        var text = new StringWriter();
        var line = new PrintWriter(text);
        line.printf(
                "%s %-5s %s  %s%n",
                TIME.format(record.getInstant()),
                level(record.getLevel()),
                simpleName(record.getLoggerName()),
                formatMessage(record));
        if (record.getThrown() != null) {
            record.getThrown().printStackTrace(line);
        }
        return text.toString();
    }

    private static String level(Level level) {
        if (level.intValue() >= Level.SEVERE.intValue()) {
            return "ERROR";
        }
        if (level.intValue() >= Level.WARNING.intValue()) {
            return "WARN";
        }
        return level.intValue() >= Level.INFO.intValue() ? "INFO" : "DEBUG";
    }

    private static String simpleName(@Nullable String logger) {
        return logger == null ? "" : logger.substring(logger.lastIndexOf('.') + 1);
    }
}
