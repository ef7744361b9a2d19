package io.paillette.benchmarks;

import java.nio.ByteBuffer;
import java.util.function.BiFunction;
import org.apache.kafka.common.message.ConsumerGroupDescribeRequestData;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.LeaveGroupResponseData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchResponseData;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.protocol.Readable;
import org.apache.kafka.common.requests.RequestHeader;

/**
 * A request of the Kafka protocol in one version, and how its answer is read. The versions are those that both brokers serve and
 * that name topics by their names.
 */
record Call<Q extends ApiMessage, A extends ApiMessage>(
        ApiKeys api, short version, BiFunction<Readable, Short, A> parse) {

    static final Call<FindCoordinatorRequestData, FindCoordinatorResponseData> FIND_COORDINATOR =
            new Call<>(ApiKeys.FIND_COORDINATOR, (short) 4, FindCoordinatorResponseData::new);
    static final Call<JoinGroupRequestData, JoinGroupResponseData> JOIN =
            new Call<>(ApiKeys.JOIN_GROUP, (short) 9, JoinGroupResponseData::new);
    static final Call<SyncGroupRequestData, SyncGroupResponseData> SYNC =
            new Call<>(ApiKeys.SYNC_GROUP, (short) 5, SyncGroupResponseData::new);
    static final Call<HeartbeatRequestData, HeartbeatResponseData> HEARTBEAT =
            new Call<>(ApiKeys.HEARTBEAT, (short) 4, HeartbeatResponseData::new);
    static final Call<LeaveGroupRequestData, LeaveGroupResponseData> LEAVE =
            new Call<>(ApiKeys.LEAVE_GROUP, (short) 5, LeaveGroupResponseData::new);
    static final Call<ConsumerGroupHeartbeatRequestData, ConsumerGroupHeartbeatResponseData> CONSUMER_HEARTBEAT =
            new Call<>(ApiKeys.CONSUMER_GROUP_HEARTBEAT, (short) 1, ConsumerGroupHeartbeatResponseData::new);
    static final Call<ConsumerGroupDescribeRequestData, ConsumerGroupDescribeResponseData> CONSUMER_DESCRIBE =
            new Call<>(ApiKeys.CONSUMER_GROUP_DESCRIBE, (short) 1, ConsumerGroupDescribeResponseData::new);
    static final Call<OffsetCommitRequestData, OffsetCommitResponseData> COMMIT =
            new Call<>(ApiKeys.OFFSET_COMMIT, (short) 9, OffsetCommitResponseData::new);
    static final Call<OffsetFetchRequestData, OffsetFetchResponseData> FETCH =
            new Call<>(ApiKeys.OFFSET_FETCH, (short) 9, OffsetFetchResponseData::new);

    /** What stands before every request and answer. */
    static final int LENGTH_BYTES = 4;

    /** As it goes over the wire. */
    ByteBuffer frame(String clientId, int correlation, Q request) {
        var header = new RequestHeader(api, version, clientId, correlation);
        ByteBuffer head = MessageUtil.toByteBufferAccessor(header.data(), header.headerVersion())
                .buffer();
        ByteBuffer body = MessageUtil.toByteBufferAccessor(request, version).buffer();
        int length = head.remaining() + body.remaining();
        return ByteBuffer.allocate(LENGTH_BYTES + length)
                .putInt(length)
                .put(head)
                .put(body)
                .flip();
    }
}
