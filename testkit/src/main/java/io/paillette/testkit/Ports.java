package io.paillette.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Loopback ports for servers that must know theirs before they start. Below those that Linux gives to outgoing connections
 * (32768 and up): one of these may take the port of a server that is down for a moment.
 */
public final class Ports {

    private static final int FIRST = 10_000;
    private static final int AFTER_LAST = 32_000;
    private static final int TRIES = 100;

    private Ports() {}

    /** A port that nobody listened on a moment ago. */
    public static int free() {
        for (int i = 0; i < TRIES; i++) {
            int port = ThreadLocalRandom.current().nextInt(FIRST, AFTER_LAST);
            if (isFree(port)) {
                return port;
            }
        }
        throw new IllegalStateException("no free port from " + FIRST + " to " + AFTER_LAST);
    }

    private static boolean isFree(int port) {
        try (var socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException e) {
            return false; // somebody listens there
        }
    }
}
