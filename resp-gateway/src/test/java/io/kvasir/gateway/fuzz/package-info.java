/**
 * Differential testing: the same random commands go to two servers, and what they answer is compared.
 *
 * <p>{@link io.kvasir.gateway.fuzz.Grammar} is a table of what a family of commands looks like,
 * {@link io.kvasir.gateway.fuzz.Comparison} a table of how its replies compare, {@link io.kvasir.gateway.fuzz.Target} a
 * server, {@link io.kvasir.gateway.fuzz.Differential} the run, {@link io.kvasir.gateway.fuzz.Shrinker} what makes a
 * failing script small. Everything random comes from one seed, which a failure prints.
 */
@NullMarked
package io.kvasir.gateway.fuzz;

import org.jspecify.annotations.NullMarked;
