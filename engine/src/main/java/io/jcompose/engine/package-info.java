/**
 * Makes a container of snapshot, mounts, endpoints and task; implements the ports; keeps the
 * records. The entry is {@link Engine}, which {@link EngineParts} wires. The rooms use each other
 * in one direction only:
 *
 * <pre>
 * health &lt;- record &lt;- event, log &lt;- settings &lt;- spec &lt;- create &lt;- launch &lt;- run &lt;- recovery, content
 *           record &lt;- build
 * </pre>
 */
@NullMarked
package io.jcompose.engine;

import org.jspecify.annotations.NullMarked;
