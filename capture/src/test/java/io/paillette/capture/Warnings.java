package io.paillette.capture;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/** What a class of the capture says as a warning as long as this is open. */
final class Warnings implements AutoCloseable {

    private final Logger logger;
    private final List<String> texts = new CopyOnWriteArrayList<>();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord message) {
            if (message.getLevel().intValue() >= Level.WARNING.intValue()) {
                texts.add(new SimpleFormatter().formatMessage(message));
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    /** @param of name of the class, below our package */
    Warnings(String of) {
        this.logger = Logger.getLogger("io.paillette.capture." + of);
        logger.addHandler(handler);
    }

    List<String> texts() {
        return texts;
    }

    @Override
    public void close() {
        logger.removeHandler(handler);
    }
}
