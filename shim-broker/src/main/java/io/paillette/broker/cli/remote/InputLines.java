package io.paillette.broker.cli.remote;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Lines of the standard input as bytes, with either end; the last one may have none. They are read on a thread of their own, since nothing
 * else can end the wait for somebody who types.
 */
final class InputLines {

    private static final int READ_AHEAD_LINES = 1_000;
    private static final int READ_AHEAD_BYTES = 4 << 20;
    /** Far more than any topic takes. */
    private static final int LONGEST_LINE_BYTES = 64 << 20;

    private static final long LOOK_MS = 50;

    private final BlockingQueue<Read> read = new ArrayBlockingQueue<>(READ_AHEAD_LINES);
    private final Semaphore room = new Semaphore(READ_AHEAD_BYTES);
    private final InputStream in;

    /** What came of one reading. */
    private sealed interface Read {

        @SuppressWarnings("ArrayRecordComponent") // never compared
        record Line(byte[] bytes) implements Read {}

        record End() implements Read {}

        record Broken(IOException fault) implements Read {}
    }

    private InputLines(InputStream in) {
        this.in = in;
    }

    static InputLines of(InputStream in) {
        var lines = new InputLines(new BufferedInputStream(in));
        var thread = new Thread(lines::readAll, "paillette-input");
        thread.setDaemon(true); // it may wait for somebody who types when the command ends
        thread.start();
        return lines;
    }

    /** Null at the end, and as soon as it is of no more use. */
    byte @Nullable [] next(BooleanSupplier enough) throws RefusedException, InterruptedException {
        while (!enough.getAsBoolean()) {
            Read next = read.poll(LOOK_MS, TimeUnit.MILLISECONDS);
            if (next instanceof Read.Line line) {
                room.release(taken(line.bytes()));
                return line.bytes();
            } else if (next instanceof Read.Broken broken) {
                throw new RefusedException(
                        "the standard input cannot be read: " + broken.fault().getMessage());
            } else if (next instanceof Read.End) {
                return null;
            }
        }
        return null;
    }

    private void readAll() {
        try {
            Read last;
            try {
                for (byte[] line = line(); line != null; line = line()) {
                    room.acquire(taken(line));
                    read.put(new Read.Line(line));
                }
                last = new Read.End();
            } catch (IOException e) {
                last = new Read.Broken(e);
            }
            read.put(last);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static int taken(byte[] line) {
        return Math.min(line.length, READ_AHEAD_BYTES);
    }

    private byte @Nullable [] line() throws IOException {
        var line = new ByteArrayOutputStream();
        int next = in.read();
        if (next < 0) {
            return null;
        }
        for (; next >= 0 && next != '\n'; next = in.read()) {
            if (line.size() == LONGEST_LINE_BYTES) {
                throw new IOException("it has a line of more than " + (LONGEST_LINE_BYTES >> 20) + " MiB");
            }
            line.write(next);
        }
        byte[] bytes = line.toByteArray();
        boolean returns = bytes.length > 0 && bytes[bytes.length - 1] == '\r';
        return returns ? Arrays.copyOf(bytes, bytes.length - 1) : bytes;
    }
}
