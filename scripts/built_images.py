"""What is in an image that was built, read from its archive, and where two of them are not the same: for the scripts that compare builders."""

import hashlib
import json
import os
import re
import subprocess
import tarfile
import tempfile


def image(command, environment=None):
    """The configuration, and all files by their path, of the archive that a command writes; nothing where it fails.

    Docker saves no image without layers."""
    with tempfile.TemporaryFile() as archive:
        if subprocess.run(command, stdout=archive, env=environment, timeout=300, check=False).returncode:
            return {"rootfs": {"diff_ids": []}}, {}
        archive.seek(0)
        with tarfile.open(fileobj=archive) as tar:
            manifest = json.load(tar.extractfile("manifest.json"))[0]
            config = json.load(tar.extractfile(manifest["Config"]))
            files = {}
            for layer in manifest["Layers"]:
                with tarfile.open(fileobj=tar.extractfile(layer)) as content:
                    merge(content, files)
            return config, files


def merge(layer, files):
    """Adds a layer's files, and takes away what it removes."""
    removed, added = [], {}
    for entry in layer:
        path = entry.name.strip("/").removeprefix("./")
        folder, name = os.path.split(path)
        if name == ".wh..wh..opq":
            removed += [each for each in files if each.startswith(folder + "/")]
        elif name.startswith(".wh."):
            gone = os.path.join(folder, name[4:])
            removed += [each for each in files if each == gone or each.startswith(gone + "/")]
        elif path and path != ".":
            added[path] = described(layer, entry, added)
    for path in removed:
        files.pop(path, None)
    files.update(added)


def described(layer, entry, added):
    """Type, mode, owner, size, link and content; a hard link is described as what it is another name of, for which comes first is chance."""
    if entry.islnk():
        target = entry.linkname.strip("/").removeprefix("./")
        return added.get(target, f"link to {target}")
    kind = "file" if entry.isreg() else entry.type.decode()
    content = hashlib.sha256(layer.extractfile(entry).read()).hexdigest()[:12] if entry.isreg() else ""
    link = entry.linkname if entry.issym() else ""
    device = f" {entry.devmajor}:{entry.devminor}" if entry.isdev() and not entry.isfifo() else ""
    attributes = {name: value for name, value in entry.pax_headers.items() if name.startswith("SCHILY.xattr.")}
    told = f"{kind} {entry.mode & 0o7777:o} {entry.uid}:{entry.gid} {entry.size if entry.isreg() else 0} {link} {content}"
    return told + device + (f" {attributes}" if attributes else "")


def plain(config):
    """The configuration without what cannot be the same twice."""
    inner = config.get("config") or {}
    shown = {key: value for key, value in inner.items() if value not in (None, "", [], {}, False)}
    history = [(re.sub(r"\s+", " ", each.get("created_by", "")), bool(each.get("empty_layer"))) for each in config.get("history", [])]
    history = [(re.sub(r"^HEALTHCHECK .*", "HEALTHCHECK", command), empty) for command, empty in history]
    return {"config": shown, "history": history, "os": config.get("os"), "architecture": config.get("architecture"),
            "layers": len(config["rootfs"]["diff_ids"]), "author": config.get("author", "")}


def explained(files, our_files):
    """Takes away what docs/build-differences.md says."""
    for path in ("dev", "proc", "sys"):
        if path not in our_files:
            files.pop(path, None)


def differences(one, other, path=""):
    """Where two values are not the same."""
    if isinstance(one, dict) and isinstance(other, dict):
        return [line for key in sorted(set(one) | set(other)) for line in differences(one.get(key), other.get(key), f"{path}/{key}")]
    return [] if one == other else [f"{path}: docker {one!r}, jcompose {other!r}"]
