/** Transactions (KIP-98, KIP-890): their states, who takes part, how they end. Stores through the TransactionStore port; must not know SQL or sockets. */
@NullMarked
package io.paillette.broker.txn;

import org.jspecify.annotations.NullMarked;
