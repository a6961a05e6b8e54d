/** {@code ./kvasir ctl}: the admin API for people and scripts. */
@NullMarked
package io.kvasir.tools.admin;

import org.jspecify.annotations.NullMarked;
