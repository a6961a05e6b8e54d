/** What one process is told before it starts: the file, the environment and the flags, checked and typed. */
@NullMarked
package io.kvasir.tools.config;

import org.jspecify.annotations.NullMarked;
