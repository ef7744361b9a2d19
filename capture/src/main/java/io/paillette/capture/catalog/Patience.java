package io.paillette.capture.catalog;

import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.concurrent.TimeUnit;

/**
 * The driver looks for a message of a replication stream by a read that times out after a millisecond, and knows no other way
 * to wait and come back. Here that look waits longer once the look before was in vain: nothing comes later for it, since a
 * read returns with the first byte, and a quiet source costs two looks a second instead of a thousand.
 *
 * <p>The first look after something came keeps its millisecond. The driver goes on looking after each keepalive before it
 * returns; if it were patient there, frequent ones would keep it from ever returning.
 *
 * <p>Postgres sends each change by itself. Where they come fast, each look lets some gather first ({@link Flow}).
 *
 * <p>However often it looks, the connection's network timeout ends a silence: behind a firewall that drops what it was told to
 * pass, nothing else would. A read with a limit of its own, as when notifications are waited for, is over with that limit.
 */
final class Patience {

    /** What PGStream.hasMessagePending sets. */
    private static final int LOOK_MILLIS = 1;

    /** So long may the end of a capture take, and the next confirmation of what was stored. */
    private static final int PATIENT_LOOK_MILLIS = 500;

    /** The driver asks for 8 KB at a time, which is a call of the system for every thirty changes. */
    private static final int READ_AHEAD_BYTES = 64 * 1024;

    private volatile boolean inVain;
    private volatile boolean looking;
    private volatile int silenceMillis;

    /** How long a read may take whose limit the driver sets. */
    int millis(int asked) {
        looking = asked == LOOK_MILLIS;
        if (!looking) {
            silenceMillis = asked;
        }
        return looking && inVain ? PATIENT_LOOK_MILLIS : asked;
    }

    /** What the driver reads from: notes what comes and what is in vain, and reads ahead. */
    InputStream over(InputStream socket) {
        return new BufferedInputStream(
                new FilterInputStream(socket) {

                    private final Flow flow = new Flow(System::nanoTime);
                    private long silentSinceNanos;

                    @Override
                    public int read(byte[] target, int offset, int length) throws IOException {
                        if (looking) {
                            flow.gather();
                        }
                        try {
                            int read = super.read(target, offset, length);
                            inVain = false;
                            flow.came(read);
                            return read;
                        } catch (SocketTimeoutException e) {
                            long now = System.nanoTime();
                            silentSinceNanos = inVain ? silentSinceNanos : now;
                            inVain = true;
                            throw looking && isOver(now - silentSinceNanos) ? silence() : e;
                        }
                    }
                },
                READ_AHEAD_BYTES);
    }

    private boolean isOver(long silenceNanos) {
        return silenceMillis > 0 && silenceNanos > TimeUnit.MILLISECONDS.toNanos(silenceMillis);
    }

    private IOException silence() {
        return new SocketException("the server has not answered for " + silenceMillis
                + " ms: it hangs, or the network drops" + " what is sent");
    }
}
