"""Measures pulls from the engine's own registry and from Debian's docker-registry, of the same image by the same client, turn by turn."""

import contextlib
import json
import os
import shutil
import subprocess
import time
import urllib.request

from launch import UnixConnection
from sides import WorkFailed

OWN, OTHER = "127.0.0.1:5055", "127.0.0.1:5001"  # bench/run serves the images of bench/make-images on the latter
TYPES = "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json"


def run(*words):
    """Runs a client; returns its seconds."""
    start = time.perf_counter()
    done = subprocess.run(words, capture_output=True, stdin=subprocess.DEVNULL, text=True)
    seconds = time.perf_counter() - start
    if done.returncode:
        raise WorkFailed(f"{' '.join(map(str, words))}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return seconds


def blobs_of(registry, image):
    request = urllib.request.Request(f"http://{registry}/v2/library/{image}/manifests/latest", headers={"Accept": TYPES})
    with urllib.request.urlopen(request, timeout=60) as answer:
        manifest = json.load(answer)
    return [manifest["config"]["digest"], *(layer["digest"] for layer in manifest["layers"])]


def all_blobs(registry, image):
    """All blobs at once, thrown away as they come: what the registry does, and nothing else."""
    words = ["curl", "-fsS", "--parallel", "--parallel-max", "16"]
    for blob in blobs_of(registry, image):
        words += ["-o", "/dev/null", f"http://{registry}/v2/library/{image}/blobs/{blob}"]
    return run(*words)


def with_skopeo(registry, image, folder):
    seconds = run("skopeo", "copy", "-q", "--src-tls-verify=false", f"docker://{registry}/library/{image}", f"dir:{folder}/pulled")
    shutil.rmtree(folder / "pulled")
    return seconds


def with_docker(registry, image, docker):
    """Docker's pull until it has all layers, and is told to stop: what it does with them is no registry's, and most of a pull's time."""
    missing = len(blobs_of(registry, image)) - 1  # the config is fetched before them, and not told of
    with contextlib.closing(UnixConnection(docker.host.removeprefix("unix://"))) as connection:
        start = time.perf_counter()
        connection.request("POST", f"/images/create?fromImage={registry}/library/{image}&tag=latest")
        with connection.getresponse() as answer:
            for line in answer:
                event = json.loads(line)
                if "error" in event or event.get("status") == "Already exists":
                    raise WorkFailed(f"docker pull of {image} from {registry}: {line.decode()}")
                missing -= event.get("status") == "Download complete"
                if not missing:
                    seconds = time.perf_counter() - start
                    break
            else:
                raise WorkFailed(f"docker pull of {image} from {registry}: {missing} layers were not downloaded")
    time.sleep(3)  # lets Docker throw away what it has
    return seconds


def measure_registry(table, sides, folder, rounds, image="big"):
    """The row's columns are the registries: ours, and Debian's docker-registry in the place of Docker, which has none of its own."""
    own = next(side for side in sides if side.name == "jcompose")
    docker = next((side for side in sides if side.name == "docker"), None)
    folder.mkdir(parents=True, exist_ok=True)
    own.compose("/", "registry", "serve", OWN)
    try:
        run("skopeo", "copy", "-q", "--src-tls-verify=false", "--dest-tls-verify=false",
            f"docker://{OTHER}/library/{image}", f"docker://{OWN}/library/{image}")
        if blobs_of(OWN, image) != blobs_of(OTHER, image):
            raise WorkFailed(f"{image} is not the same in both registries")
        os.sync()
        work = {"all its blobs at once, thrown away": lambda registry: all_blobs(registry, image),
                "pulled by skopeo": lambda registry: with_skopeo(registry, image, folder)}
        if docker:
            work["downloaded by docker"] = lambda registry: with_docker(registry, image, docker)
        for what, pull in work.items():
            for turn in range(rounds + 1):
                for side, registry in sorted((("jcompose", OWN), ("docker", OTHER)), reverse=turn % 2 == 0):  # each is first in turn
                    seconds = pull(registry)
                    if turn:  # the first turn warms up
                        table.add(f"registry (Docker's: docker-registry): {image}, {what}", side, seconds)
    finally:
        own.compose("/", "registry", "stop")
