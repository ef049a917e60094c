/**
 * Turns compose files, env files and profiles into one immutable, validated project with source
 * positions.
 *
 * <p>It is a library of its own: it needs no engine, and keeps nothing but copies of files from
 * elsewhere, in the user's cache. Repositories are fetched by the host's git program; nothing else
 * starts a process. {@link io.jcompose.compose.ProjectLoader} is where to begin; a {@link
 * io.jcompose.compose.LoadRequest} says what {@code docker compose} takes from its options, its
 * environment and the folder it is called in.
 *
 * {@snippet :
 * LoadRequest request = LoadRequest.of(folder, System.getenv());
 * Project project = new ProjectLoader().load(request);
 * project.warnings().forEach(System.err::println);
 *
 * StringBuilder text = new StringBuilder();
 * for (Service service : project.services().values()) {
 *   for (PortConfig port : service.networking().ports()) {
 *     text.append(service.name()).append(" listens on ").append(port.publishedFirst()).append('\n');
 *   }
 * }
 * String canonical = new ConfigWriter().yaml(project, List.of(), true);
 * SourcePosition place = project.positions().of("services.web.image");
 * }
 *
 * <p>A project that is wrong is refused by one {@code JcomposeException.InvalidArgument} that has
 * all problems, a line each, as {@code file:line:column: path: message}. Files may be hostile: what
 * a load costs is bounded by the heap of the process, and what is too large, too deep or no text is
 * refused.
 */
@NullMarked
package io.jcompose.compose;

import org.jspecify.annotations.NullMarked;
