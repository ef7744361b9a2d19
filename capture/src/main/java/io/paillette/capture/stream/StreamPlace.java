package io.paillette.capture.stream;

import io.paillette.capture.Lsn;
import io.paillette.capture.Position;

/**
 * Where a stream is between two transactions, when nothing of it waits to be handed over.
 *
 * @param reached   all before is delivered, or was nothing for us
 * @param senderPid process id of the server's WAL sender
 * @param waiting   what the reader does while there is no room in the queue
 */
record StreamPlace(Position boundary, Lsn reached, int senderPid, Outlet.Waiting waiting) {}
