package io.jcompose.compose.load;

import io.jcompose.compose.LoadRequest;
import io.jcompose.compose.source.BaseFolder;
import io.jcompose.compose.source.RemoteSources;
import java.util.List;
import java.util.Map;

/**
 * What one model is loaded with: the project itself, or one that it includes.
 *
 * @param environment for its variables; the project's own takes up its name when that is known
 * @param includeChain the files on the way to this model, its own first file last
 */
public record LoadScope(
    LoadRequest request,
    Map<String, String> environment,
    BaseFolder base,
    RemoteSources remotes,
    List<String> includeChain) {}
