package io.paillette.broker.api;

import java.util.stream.Collectors;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.security.authorizer.AclEntry;

/** What a client may do (KIP-430), as the bit field of the protocol: everything, as long as there are no ACLs. */
final class AuthorizedOperations {

    static final int OMITTED = Integer.MIN_VALUE;

    private AuthorizedOperations() {}

    static int on(ResourceType type) {
        return Utils.to32BitField(AclEntry.supportedOperations(type).stream()
                .map(AclOperation::code)
                .collect(Collectors.toSet()));
    }
}
