/** The demo in a short form, and its parts. */
@NullMarked
package io.kvasir.tools.demo;

import org.jspecify.annotations.NullMarked;
