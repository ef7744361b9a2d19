package io.paillette.broker.net;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.network.ChannelBuilder;
import org.apache.kafka.common.network.ChannelBuilders;
import org.apache.kafka.common.requests.ApiVersionsResponse;
import org.apache.kafka.common.security.authenticator.CredentialCache;
import org.apache.kafka.common.security.authenticator.DefaultKafkaPrincipalBuilder;
import org.apache.kafka.common.security.token.delegation.internals.DelegationTokenCache;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.common.utils.internals.LogContext;

/** Kafka's own channels for a listener's security protocol. Keys for TLS and SASL are defined, none is set yet. */
final class Channels {

    private static final ConfigDef KEYS = new ConfigDef()
            .define(
                    "principal.builder.class",
                    ConfigDef.Type.CLASS,
                    DefaultKafkaPrincipalBuilder.class,
                    ConfigDef.Importance.HIGH,
                    "")
            .define("sasl.enabled.mechanisms", ConfigDef.Type.LIST, List.of(), ConfigDef.Importance.HIGH, "")
            .define("connections.max.reauth.ms", ConfigDef.Type.LONG, 0L, ConfigDef.Importance.LOW, "")
            .define("sasl.server.max.receive.size", ConfigDef.Type.INT, 524_288, ConfigDef.Importance.LOW, "")
            .withClientSaslSupport()
            .withClientSslSupport();

    private Channels() {}

    static ChannelBuilder of(Listener listener, Function<Short, ApiVersionsResponse> apiVersions) {
        return ChannelBuilders.serverChannelBuilder(
                listener.listenerName(),
                false,
                listener.protocol(),
                new AbstractConfig(KEYS, Map.of(), false),
                new CredentialCache(),
                new DelegationTokenCache(List.of()),
                Time.SYSTEM,
                new LogContext("[" + listener.name() + "] "),
                apiVersions);
    }
}
