/** What people and scripts ask of the placement driver, and order it to do. */
@NullMarked
package io.kvasir.placement.admin;

import org.jspecify.annotations.NullMarked;
