package io.paillette.broker.net;

import java.nio.ByteBuffer;

/** One request as it came in, without its length prefix. The bytes are never written to again. */
public record Frame(Peer peer, ByteBuffer payload) {}
