package io.paillette.broker.log;

import java.util.function.Consumer;

/** Something that waits for what must be known first: it goes on, or is refused. */
record Parked(Runnable goOn, Consumer<Throwable> refuse) {}
