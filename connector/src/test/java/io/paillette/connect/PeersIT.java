package io.paillette.connect;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.testkit.ApacheKafka;
import io.paillette.testkit.ConnectWorker;
import io.paillette.testkit.Peer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class PeersIT {

    @ParameterizedTest
    @EnumSource
    void aKilledKafkaAndAKilledWorkerComeBackOverTheirFiles(Peer peer) {
        try (var kafka = ApacheKafka.start(peer);
                var worker = ConnectWorker.distributed(
                        new ConnectWorker.Setup(peer, kafka.bootstrap(), List.of(), Map.of()), "g")) {
            assertThat(worker.get("/")).contains(peer.version());
            kafka.kill();
            kafka.start();
            worker.kill();
            worker.start();
            assertThat(worker.get("/connectors")).isEqualTo("[]");
        }
    }
}
