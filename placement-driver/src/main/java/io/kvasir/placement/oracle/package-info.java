/** The timestamp oracle: its clock, its promises, and what makes wall clocks agree. Deciding code only. */
@NullMarked
package io.kvasir.placement.oracle;

import org.jspecify.annotations.NullMarked;
