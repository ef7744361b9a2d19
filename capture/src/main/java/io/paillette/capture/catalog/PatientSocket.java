package io.paillette.capture.catalog;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import org.jspecify.annotations.Nullable;

/** A TCP socket with {@link Patience}. */
final class PatientSocket extends Socket {

    private final Patience patience = new Patience();
    private @Nullable InputStream in;

    @Override
    public void setSoTimeout(int millis) throws SocketException {
        super.setSoTimeout(patience.millis(millis));
    }

    /** Always the same: it may hold what was read ahead. */
    @Override
    public synchronized InputStream getInputStream() throws IOException {
        InputStream known = in;
        if (known == null) {
            known = patience.over(super.getInputStream());
            in = known;
        }
        return known;
    }
}
