/**
 * What tests prove about clients and frameworks that nobody here wrote, told by the tests themselves, and written down by the
 * run that proved it. Knows no test and no page.
 */
@NullMarked
package io.paillette.testkit.proof;

import org.jspecify.annotations.NullMarked;
