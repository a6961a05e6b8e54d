/** Tests of export and import. */
@NullMarked
package io.kvasir.tools.transfer;

import org.jspecify.annotations.NullMarked;
