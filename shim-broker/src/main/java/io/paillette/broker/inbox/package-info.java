/** Records that applications publish by SQL: from the inbox of the store into the log. Stores through the InboxStore port; must not know SQL or sockets. */
@NullMarked
package io.paillette.broker.inbox;

import org.jspecify.annotations.NullMarked;
