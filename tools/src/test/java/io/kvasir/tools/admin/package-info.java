/** Tests of what people ask the cluster with. */
@NullMarked
package io.kvasir.tools.admin;

import org.jspecify.annotations.NullMarked;
