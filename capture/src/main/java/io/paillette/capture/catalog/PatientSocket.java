package io.paillette.capture.catalog;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;

/**
 * The driver looks for a message of a replication stream by a read that times out after a millisecond, and knows no other way
 * to wait and come back. Here that look waits longer once the look before was in vain: nothing comes later for it, since a
 * read returns with the first byte, and a quiet source costs two looks a second instead of a thousand.
 *
 * <p>The first look after something came keeps its millisecond. The driver goes on looking after each keepalive before it
 * returns; if it were patient there, frequent ones would keep it from ever returning.
 */
final class PatientSocket extends Socket {

    /** What PGStream.hasMessagePending sets. */
    private static final int LOOK_MILLIS = 1;

    /** So long may the end of a capture take, and the next confirmation of what was stored. */
    private static final int PATIENT_LOOK_MILLIS = 500;

    private volatile boolean inVain;

    @Override
    public void setSoTimeout(int millis) throws SocketException {
        super.setSoTimeout(millis == LOOK_MILLIS && inVain ? PATIENT_LOOK_MILLIS : millis);
    }

    @Override
    public InputStream getInputStream() throws IOException {
        return new FilterInputStream(super.getInputStream()) {

            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
                try {
                    int read = super.read(target, offset, length);
                    inVain = false;
                    return read;
                } catch (SocketTimeoutException e) {
                    inVain = true;
                    throw e;
                }
            }
        };
    }
}
