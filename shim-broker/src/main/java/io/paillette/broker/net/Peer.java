package io.paillette.broker.net;

import java.net.InetAddress;
import org.apache.kafka.common.network.ChannelMetadataRegistry;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.common.security.auth.SecurityProtocol;

/** The other end of a connection, as far as it is known when a frame arrives. */
public record Peer(
        String connectionId,
        InetAddress address,
        int port,
        KafkaPrincipal principal,
        ListenerName listener,
        SecurityProtocol protocol,
        ChannelMetadataRegistry registry) {}
