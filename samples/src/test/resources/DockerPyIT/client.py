"""What people do with docker-py, on the engine that DOCKER_HOST names: client.py [CLASS[.TEST]…]"""

import faulthandler
import io
import os
import socket
import tarfile
import tempfile
import threading
import unittest

import docker
import requests
from docker.types import IPAMConfig, IPAMPool, LogConfig, Mount, Ulimit

REGISTRY = os.environ.get("REGISTRY", "127.0.0.1:5000")
client = docker.from_env(version="auto", timeout=15)
IDLE = ["sh", "-c", "trap 'exit 0' TERM; while :; do sleep 0.05; done"]


def archive(**files):
    """A tar of these files, as a file that is at its begin."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, text in files.items():
            head = tarfile.TarInfo(name.replace("__", "/"))
            head.size = len(text)
            tar.addfile(head, io.BytesIO(text.encode()))
    out.seek(0)
    return out


class Case(unittest.TestCase):
    maxDiff = None

    def started(self, command=None, **options):
        container = client.containers.run("busybox", command or IDLE, detach=True, **options)
        self.addCleanup(self.removed, container)
        return container

    def removed(self, container):
        try:
            container.remove(force=True, v=True)
        except docker.errors.NotFound:
            pass

    def refused(self, status, text, call, *arguments, **named):
        with self.assertRaises(docker.errors.APIError) as caught:
            call(*arguments, **named)
        self.assertEqual(status, caught.exception.response.status_code)
        self.assertIn(text, caught.exception.explanation)
        return caught.exception


class Containers(Case):
    def test_run_gives_what_was_written(self):
        script = ["sh", "-c", "echo out; echo err >&2"]
        self.assertEqual(b"hello\n", client.containers.run("busybox", "echo hello", remove=True))
        self.assertEqual(b"out\n", client.containers.run("busybox", script, remove=True))
        self.assertEqual(b"err\n", client.containers.run("busybox", script, remove=True, stdout=False, stderr=True))
        both = client.containers.run("busybox", script, remove=True, stderr=True)
        self.assertEqual([b"err", b"out"], sorted(both.split()))
        lines = client.containers.run("busybox", ["seq", "3"], remove=True, stream=True)
        self.assertEqual([b"1\n", b"2\n", b"3\n"], list(lines))

    def test_a_failed_run_is_an_error_with_its_words(self):
        with self.assertRaises(docker.errors.ContainerError) as caught:
            client.containers.run("busybox", ["sh", "-c", "echo why >&2; exit 3"], remove=True)
        self.assertEqual((3, b"why\n"), (caught.exception.exit_status, caught.exception.stderr))
        self.refused(400, "executable file not found", client.containers.run, "busybox", "nosuch", remove=True)
        for container in client.containers.list(all=True, filters={"status": "created"}):
            container.remove()

    def test_run_takes_many_options(self):
        with tempfile.TemporaryDirectory() as folder:
            os.chmod(folder, 0o755)
            with open(folder + "/seen", "w", encoding="utf-8") as file:
                file.write("from the host")
            container = self.started(
                name="many", environment={"A": "b", "EMPTY": ""}, ports={"80/tcp": ("127.0.0.1", 18083), 81: None},
                volumes={folder: {"bind": "/host", "mode": "ro"}, "py-data": {"bind": "/data", "mode": "rw"}},
                mem_limit="64m", memswap_limit="64m", nano_cpus=500000000, pids_limit=50, labels=["one", "two"], working_dir="/tmp",
                user="1:2", hostname="named", domainname="example", cap_add=["NET_ADMIN"], cap_drop=["MKNOD"], tmpfs={"/scratch": "size=1m"},
                extra_hosts={"other": "10.1.2.3"}, dns=["10.9.9.9"], ulimits=[Ulimit(name="nofile", soft=100, hard=200)],
                log_config=LogConfig(type="json-file", config={"max-size": "1m"}), restart_policy={"Name": "on-failure", "MaximumRetryCount": 2},
                init=True, stop_signal="SIGTERM", shm_size="8m", sysctls={"net.ipv4.ip_forward": "0"}, oom_score_adj=100,
                security_opt=["no-new-privileges"], group_add=["7"], mounts=[Mount("/in-memory", None, type="tmpfs", tmpfs_size=1 << 20)],
            )
            container.reload()
            self.assertEqual("running", container.status)
            self.assertEqual("named", container.attrs["Config"]["Hostname"])
            self.assertEqual({"one": "", "two": ""}, container.labels)
            self.assertEqual([{"HostIp": "127.0.0.1", "HostPort": "18083"}], container.ports["80/tcp"])
            self.assertEqual("0.0.0.0", container.ports["81/tcp"][0]["HostIp"])
            host = container.attrs["HostConfig"]
            self.assertEqual((67108864, 500000000, 50, 8388608), (host["Memory"], host["NanoCpus"], host["PidsLimit"], host["ShmSize"]))
            self.assertEqual({"Name": "on-failure", "MaximumRetryCount": 2}, host["RestartPolicy"])
            self.assertEqual([{"Name": "nofile", "Hard": 200, "Soft": 100}], host["Ulimits"])
            code, words = container.exec_run(["sh", "-c", "echo $A,$EMPTY,$PWD; id; hostname; ulimit -n; cat /host/seen; grep -c 10.1.2.3 /etc/hosts; grep -c 'tmpfs /scratch tmpfs' /proc/mounts"])
            self.assertEqual(b"b,,/tmp\nuid=1 gid=2 groups=2,7\nnamed\n100\nfrom the host1\n1\n", words, words.decode())
            self.assertEqual(0, code)
        container.remove(force=True)
        client.volumes.get("py-data").remove()

    def test_life_from_create_to_removal(self):
        container = client.containers.create("busybox", IDLE, name="life")
        self.addCleanup(self.removed, container)
        self.assertEqual("created", container.status)
        states = []
        for step in ("start", "pause", "unpause", "stop", "restart", "kill"):
            getattr(container, step)()
            if step == "kill":
                container.wait()
            container.reload()
            states.append(container.status)
        self.assertEqual(["running", "paused", "running", "exited", "running", "exited"], states)
        container.rename("other")
        self.assertEqual("other", client.containers.get("other").name)
        container.update(mem_limit="100m", memswap_limit="100m")
        container.reload()
        self.assertEqual(104857600, container.attrs["HostConfig"]["Memory"])
        self.assertEqual(137, container.wait()["StatusCode"])
        container.remove()
        self.refused(404, "No such container: other", client.containers.get, "other")

    def test_one_that_is_removed_by_itself_is_awaited(self):
        container = client.containers.run("busybox", ["sh", "-c", "sleep 0.2; exit 4"], detach=True, auto_remove=True)
        self.assertEqual(4, container.wait(condition="removed")["StatusCode"])
        self.refused(404, "No such container: " + container.id, container.reload)

    def test_a_wait_has_a_limit(self):
        container = self.started()
        with self.assertRaises((requests.exceptions.ReadTimeout, requests.exceptions.ConnectionError)):
            container.wait(timeout=0.3)
        self.assertEqual(container.id, client.containers.get(container.short_id).id)

    def test_lists_and_filters(self):
        first = self.started(labels={"group": "a"}, name="first")
        second = self.started(["true"], labels={"group": "a"}, name="second")
        second.wait()
        found = lambda **options: [one.name for one in client.containers.list(**options)]
        self.assertEqual(["first"], found(filters={"label": "group=a"}))
        self.assertEqual(["second", "first"], found(all=True, filters={"label": ["group=a"]}))
        self.assertEqual(["second"], found(all=True, filters={"exited": 0, "label": "group"}))
        self.assertEqual(["second"], found(limit=1))
        self.assertEqual(["second"], found(all=True, filters={"since": "first"}))
        (sparse,) = client.containers.list(all=True, filters={"before": "second", "label": "group"}, sparse=True)
        self.assertEqual((first.id, ["/first"]), (sparse.id, sparse.attrs["Names"]))
        self.assertEqual([second.id], client.containers.prune(filters={"label": "group=a"})["ContainersDeleted"])

    def test_logs(self):
        container = self.started(["sh", "-c", "echo one; sleep 0.3; echo two >&2; sleep 0.3; echo three"])
        self.assertEqual([b"one\n", b"two\n", b"three\n"], list(container.logs(stream=True, follow=True)))
        self.assertEqual(b"one\ntwo\nthree\n", container.logs())
        self.assertEqual(b"two\n", container.logs(stdout=False))
        self.assertEqual(b"three\n", container.logs(tail=1))
        self.assertRegex(container.logs(tail=1, timestamps=True), rb"^\d{4}-\d\d-\d\dT[\d:.]+Z three\n$")
        self.assertEqual(b"", container.logs(until=1))
        self.assertEqual(b"one\ntwo\nthree\n", container.logs(since=1))
        followed = container.logs(stream=True)
        followed.close()

    def test_attach(self):
        container = client.containers.create("busybox", ["sh", "-c", "echo out; echo err >&2"])
        self.addCleanup(self.removed, container)
        seen = container.attach(stream=True, demux=True)
        container.start()
        self.assertCountEqual([(b"out\n", None), (None, b"err\n")], list(seen))

    def test_attach_with_input_that_ends(self):
        container = client.containers.create("busybox", ["sh", "-c", "cat; echo ended"], stdin_open=True)
        self.addCleanup(self.removed, container)
        api = client.api.create_container("busybox", "cat", stdin_open=True, host_config=client.api.create_host_config())
        self.addCleanup(client.api.remove_container, api["Id"], force=True)
        pipe = client.api.attach_socket(api["Id"], params={"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1})
        client.api.start(api["Id"])
        pipe._sock.sendall(b"typed\n")
        head = pipe.read(8)
        self.assertEqual(b"\x01\0\0\0\0\0\0\x06", head)
        self.assertEqual(b"typed\n", pipe.read(6))
        pipe.close()

    def test_a_terminal(self):
        container = client.containers.create("busybox", ["sh"], tty=True, stdin_open=True)
        self.addCleanup(self.removed, container)
        pipe = container.attach_socket(params={"stdin": 1, "stdout": 1, "stream": 1})
        container.start()
        container.resize(33, 99)
        pipe._sock.sendall(b"stty size; exit 6\n")
        words = b""
        while b"33 99" not in words:
            words += pipe._sock.recv(4096)
        self.assertEqual(6, container.wait()["StatusCode"])
        self.assertIn(b"33 99", container.logs())
        pipe.close()

    def test_what_runs_is_watched(self):
        container = self.started(["sleep", "1000"], stop_signal="SIGKILL")
        once = container.stats(stream=False)
        self.assertEqual("/" + container.name, once["name"])
        self.assertGreater(once["memory_stats"]["usage"], 0)
        self.assertIn("eth0", once["networks"])
        self.assertIn("system_cpu_usage", once["cpu_stats"])
        self.assertIn("total_usage", once["precpu_stats"]["cpu_usage"])
        several = container.stats(decode=True)
        self.assertEqual([container.id] * 2, [next(several)["id"] for _ in range(2)])
        several.close()
        self.assertEqual("sleep 1000", container.top()["Processes"][0][-1])
        self.assertEqual(["PID", "COMMAND"], container.top(ps_args="-o pid,comm")["Titles"])
        container.exec_run("touch /tmp/made")
        self.assertIn({"Path": "/tmp/made", "Kind": 1}, container.diff())

    def test_files_go_in_and_out(self):
        container = self.started()
        self.assertTrue(container.put_archive("/tmp", archive(a="text", b__c="deep")))
        chunks, facts = container.get_archive("/tmp/b")
        self.assertEqual("b", facts["name"])
        with tarfile.open(fileobj=io.BytesIO(b"".join(chunks))) as tar:
            self.assertEqual(["b", "b/c"], tar.getnames())
            self.assertEqual(b"deep", tar.extractfile("b/c").read())
        chunks, facts = container.get_archive("/tmp/a", encode_stream=True)
        self.assertEqual(4, facts["size"])
        self.assertTrue(b"".join(chunks))
        self.refused(404, "Could not find the file /nosuch in container", container.get_archive, "/nosuch")
        self.refused(404, "Could not find the file /nosuch in container", container.put_archive, "/nosuch", archive(a=""))
        with tarfile.open(fileobj=io.BytesIO(b"".join(container.export()))) as tar:
            self.assertIn("tmp/a", tar.getnames())

    def test_health_is_told(self):
        check = {"test": ["CMD-SHELL", "test -e /tmp/well"], "interval": 100000000, "retries": 1, "timeout": 10000000000}
        container = self.started(healthcheck=check)
        self.assertEqual("starting", client.containers.get(container.id).attrs["State"]["Health"]["Status"])
        heard = client.events(decode=True, filters={"container": container.id, "event": "health_status"})
        container.exec_run("touch /tmp/well")
        while "health_status: healthy" not in next(heard)["Action"]:
            pass
        heard.close()
        self.assertEqual("healthy", client.containers.get(container.id).attrs["State"]["Health"]["Status"])


class Execs(Case):
    def setUp(self):
        self.container = self.started(environment=["OF=container"])

    def test_output_and_exit_code(self):
        both = ["sh", "-c", "echo out; echo err >&2; exit 7"]
        self.assertEqual((0, b"hello\n"), tuple(self.container.exec_run("echo hello")))
        code, words = self.container.exec_run(both)
        self.assertEqual((7, [b"err", b"out"]), (code, sorted(words.split())))
        self.assertEqual((7, (b"out\n", b"err\n")), tuple(self.container.exec_run(both, demux=True)))
        self.assertEqual((7, (None, b"err\n")), tuple(self.container.exec_run(both, demux=True, stdout=False)))
        self.assertEqual((0, (None, None)), tuple(self.container.exec_run("true", demux=True)))

    def test_options(self):
        code, words = self.container.exec_run("env", environment={"A": "b"}, workdir="/tmp", user="1")
        self.assertIn(b"OF=container", words.split())
        self.assertIn(b"A=b", words.split())
        self.assertEqual(b"/tmp\n", self.container.exec_run("pwd", workdir="/tmp").output)
        self.assertEqual(b"1\n", self.container.exec_run("id -u", user="1").output)
        self.assertEqual(b"/dev/pts/0\r\n", self.container.exec_run("tty", tty=True).output)
        self.assertEqual(127, self.container.exec_run("nosuch").exit_code)

    def test_streams(self):
        code, lines = self.container.exec_run(["sh", "-c", "echo a; sleep 0.2; echo b"], stream=True)
        self.assertEqual((None, [b"a\n", b"b\n"]), (code, list(lines)))
        _, pairs = self.container.exec_run(["sh", "-c", "echo a; sleep 0.2; echo b >&2"], stream=True, demux=True)
        self.assertEqual([(b"a\n", None), (None, b"b\n")], list(pairs))
        self.assertEqual("", self.container.exec_run(["touch", "/made"], detach=True).output)

    def test_a_socket_with_input_that_ends(self):
        _, pipe = self.container.exec_run("cat", stdin=True, socket=True)
        pipe._sock.sendall(b"typed\n")
        pipe._sock.shutdown(socket.SHUT_WR)
        words = b""
        while chunk := pipe._sock.recv(4096):
            words += chunk
        self.assertEqual(b"\x01\0\0\0\0\0\0\x06typed\n", words)
        pipe.close()

    def test_the_low_level(self):
        made = client.api.exec_create(self.container.id, ["sh", "-c", "exit 9"])
        facts = client.api.exec_inspect(made["Id"])
        self.assertEqual((False, None, self.container.id), (facts["Running"], facts["ExitCode"], facts["ContainerID"]))
        self.assertEqual("sh", facts["ProcessConfig"]["entrypoint"])
        self.assertEqual(b"", client.api.exec_start(made["Id"]))
        facts = client.api.exec_inspect(made["Id"])
        self.assertEqual((False, 9), (facts["Running"], facts["ExitCode"]))
        self.refused(404, "No such exec instance: nosuch", client.api.exec_inspect, "nosuch")
        self.container.kill()
        self.container.wait()
        self.refused(409, "is not running", self.container.exec_run, "true")


class Images(Case):
    DOCKERFILE = """FROM busybox AS base
ARG WHO=nobody
RUN --mount=type=cache,target=/cache <<MADE
echo "made by $WHO" >/made
date >>/cache/when
MADE
FROM base AS last
COPY some /some
LABEL built=yes
CMD ["cat", "/made", "/some"]
"""

    def folder(self, **files):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        for name, text in files.items():
            with open(os.path.join(folder.name, name), "w", encoding="utf-8") as file:
                file.write(text)
        return folder.name

    def test_build_of_a_folder(self):
        path = self.folder(Dockerfile=self.DOCKERFILE, some="text\n")
        image, words = client.images.build(path=path, tag="py:folder", buildargs={"WHO": "py"}, labels={"more": "yes"}, rm=True)
        self.assertIn("py:folder", image.tags)
        self.assertEqual({"built": "yes", "more": "yes"}, image.labels)
        told = "".join(line.get("stream", "") for line in words)
        self.assertIn("Step ", told)
        self.assertIn("Successfully tagged py:folder", told)
        self.assertEqual(b"made by py\ntext\n", client.containers.run("py:folder", remove=True))
        again, _ = client.images.build(path=path, tag="py:again", buildargs={"WHO": "py"}, labels={"more": "yes"}, gzip=True)
        self.assertEqual(image.id, again.id)
        base, _ = client.images.build(path=path, target="base", tag="py:base", nocache=True, forcerm=True)
        self.assertEqual(b"made by nobody\n", client.containers.run(base, ["cat", "/made"], remove=True))
        for tag in ("py:folder", "py:again", "py:base"):
            client.images.remove(tag)

    def test_build_of_files_and_of_a_context(self):
        image, _ = client.images.build(fileobj=io.BytesIO(b"FROM busybox\nRUN echo it >/it\n"))
        self.assertEqual(b"it\n", client.containers.run(image.id, ["cat", "/it"], remove=True))
        client.images.remove(image.id)
        context = archive(other="FROM busybox\nCOPY some /\n", some="text")
        image, _ = client.images.build(fileobj=context, custom_context=True, dockerfile="other", tag="py:context", network_mode="none", shmsize=1 << 24)
        self.assertEqual(b"text", client.containers.run(image, ["cat", "/some"], remove=True))
        client.images.remove("py:context")
        outside = os.path.join(self.folder(Outside="FROM busybox\nCOPY some /\n"), "Outside")
        inside = self.folder(some="text", secret="no", **{".dockerignore": "secret\n"})
        image, _ = client.images.build(path=inside, dockerfile=outside, tag="py:outside")
        client.images.remove("py:outside")

    def test_a_failed_build_has_its_log(self):
        with self.assertRaises(docker.errors.BuildError) as caught:
            client.images.build(fileobj=io.BytesIO(b"FROM busybox\nRUN echo before; exit 5\n"))
        self.assertIn("exit code: 5", str(caught.exception))
        self.assertIn("before", "".join(line.get("stream", "") for line in caught.exception.build_log))
        self.refused(400, "unknown instruction: NOSUCH", client.images.build, fileobj=io.BytesIO(b"FROM busybox\nNOSUCH\n"))
        with self.assertRaises((docker.errors.BuildError, docker.errors.APIError)):
            client.images.build(fileobj=io.BytesIO(b"FROM nosuch:image\n"))

    def test_pull_tag_push_and_remove(self):
        image = client.images.pull("busybox")
        self.assertIn("busybox:latest", image.tags)
        self.assertTrue(image.tag(REGISTRY + "/py", tag="1"))
        lines = list(client.images.push(REGISTRY + "/py", tag="1", stream=True, decode=True))
        self.assertEqual([], [line for line in lines if "error" in line])
        self.assertEqual("1", [line["aux"]["Tag"] for line in lines if "aux" in line][0])
        client.images.remove(REGISTRY + "/py:1")
        back = client.images.pull(REGISTRY + "/py", tag="1")
        self.assertEqual(image.id, back.id)
        told = list(client.api.pull(REGISTRY + "/py", tag="1", stream=True, decode=True))
        self.assertIn("Status: Image is up to date for " + REGISTRY + "/py:1", [line["status"] for line in told])
        data = client.images.get_registry_data(REGISTRY + "/py:1")
        self.assertTrue(data.id.startswith("sha256:"))
        self.assertTrue(data.has_platform("linux/amd64"))
        client.images.remove(REGISTRY + "/py:1")
        self.assertIn("busybox:latest", [tag for one in client.images.list(name="busybox") for tag in one.tags])
        self.assertEqual([], client.images.list(filters={"dangling": True, "label": "none"}))
        self.assertIn("CreatedBy", client.images.get("busybox").history()[0])

    def test_save_load_import_and_commit(self):
        image = client.images.pull("busybox")
        image.tag("py", tag="saved")
        saved = b"".join(client.images.get("py:saved").save(named="py:saved"))
        client.images.remove("py:saved")
        loaded = client.images.load(saved)
        self.assertEqual(["py:saved"], [tag for one in loaded for tag in one.tags if tag.startswith("py")])
        client.images.remove("py:saved")
        container = self.started()
        container.exec_run("touch /committed")
        made = container.commit(repository="py", tag="committed", message="told", author="me", conf={"Cmd": ["ls", "/committed"]}, changes=["LABEL a=b"])
        self.assertEqual(b"/committed\n", client.containers.run("py:committed", remove=True))
        self.assertEqual(("me", "told", {"a": "b"}), (made.attrs["Author"], made.attrs["Comment"], made.labels))
        client.images.remove("py:committed")
        words = client.api.import_image_from_data(archive(f="text").read(), repository="py", tag="imported")
        self.assertIn("sha256:", words)
        client.images.remove("py:imported")

    def test_errors(self):
        with self.assertRaises(docker.errors.ImageNotFound) as caught:
            client.images.get("nosuch:1")
        self.assertEqual("No such image: nosuch:1", caught.exception.explanation)
        self.refused(404, "manifest unknown", client.images.pull, REGISTRY + "/nosuch", tag="1")
        with self.assertRaises(docker.errors.NotFound):
            client.containers.run("nosuch:image", "true")
        self.refused(404, "No such image: nosuch:image", client.api.create_container, "nosuch:image")
        self.refused(404, "No such image: nosuch:latest", client.images.remove, "nosuch")
        container = self.started()
        self.refused(409, "conflict: unable to", client.images.remove, "busybox")
        words = [line["error"] for line in client.images.push(REGISTRY + "/nothing", stream=True, decode=True) if "error" in line]
        self.assertEqual(["An image does not exist locally with the tag: " + REGISTRY + "/nothing"], words)
        self.assertTrue(container.id)


class Networks(Case):
    def network(self, name, **options):
        network = client.networks.create(name, **options)
        self.addCleanup(network.remove)
        return network

    def test_create_connect_and_disconnect(self):
        pool = IPAMConfig(pool_configs=[IPAMPool(subnet="10.98.0.0/24", gateway="10.98.0.1")])
        network = self.network("py-net", driver="bridge", ipam=pool, labels={"k": "v"}, check_duplicate=True, internal=False)
        self.assertEqual("10.98.0.0/24", network.attrs["IPAM"]["Config"][0]["Subnet"])
        server = self.started(["sh", "-c", "echo page >/index.html; exec httpd -f -h /"], stop_signal="SIGKILL")
        network.connect(server, aliases=["found"], ipv4_address="10.98.0.7")
        reader = self.started(network="py-net")
        self.assertEqual(b"page\n", reader.exec_run("wget -qO- http://found").output)
        network.reload()
        self.assertCountEqual([server.id, reader.id], [one.id for one in network.containers])
        server.reload()
        joined = server.attrs["NetworkSettings"]["Networks"]
        self.assertEqual(["bridge", "py-net"], sorted(joined))
        self.assertEqual("10.98.0.7", joined["py-net"]["IPAddress"])
        self.assertIn("found", joined["py-net"]["Aliases"])
        self.refused(403, "already exists in network py-net", network.connect, server)
        self.refused(403, "has active endpoints", network.remove)
        network.disconnect(server)
        self.refused(500, "is not connected to", network.disconnect, server)
        network.disconnect(reader, force=True)
        self.assertNotEqual(0, reader.exec_run("wget -T 1 -qO- http://found").exit_code)
        self.assertEqual(["py-net"], [one.name for one in client.networks.list(filters={"label": "k=v"})])
        self.assertEqual(["py-net"], [one.name for one in client.networks.list(names=["py-net"])])

    def test_errors_and_prune(self):
        self.network("py-twice", options={"com.docker.network.bridge.enable_icc": "true"})
        self.refused(409, "network with name py-twice already exists", client.networks.create, "py-twice", check_duplicate=True)
        self.refused(404, "network nosuch not found", client.networks.get, "nosuch")
        self.refused(404, "network nosuch not found", client.containers.run, "busybox", "true", network="nosuch")
        client.networks.create("py-pruned", labels={"prune": ""})
        self.assertEqual(["py-pruned"], client.networks.prune(filters={"label": "prune"})["NetworksDeleted"])
        self.refused(403, "pre-defined", client.networks.get("bridge").remove)
        for container in client.containers.list(all=True, filters={"status": "created"}):
            container.remove()

    def test_a_container_in_the_network_of_another(self):
        server = self.started(["sh", "-c", "echo page >/index.html; exec httpd -f -h /"], stop_signal="SIGKILL")
        words = client.containers.run("busybox", ["sh", "-c", "until wget -qO- localhost 2>/dev/null; do sleep 0.05; done"], network_mode="container:" + server.id, remove=True)
        self.assertEqual(b"page\n", words)
        self.assertEqual(b"lo\n", client.containers.run("busybox", "ls /sys/class/net", network_mode="none", remove=True))


class Volumes(Case):
    def test_volumes(self):
        volume = client.volumes.create("py-volume", driver="local", labels={"k": "v"}, driver_opts={"type": "tmpfs", "device": "tmpfs", "o": "size=1m"})
        self.assertEqual(("py-volume", "local", {"k": "v"}), (volume.name, volume.attrs["Driver"], volume.attrs["Labels"]))
        self.assertEqual(["py-volume"], [one.name for one in client.volumes.list(filters={"label": "k=v"})])
        container = self.started(mounts=[Mount("/data", "py-volume", labels={"x": "y"})])
        self.assertIn(b"tmpfs", container.exec_run("df /data").output)
        self.assertEqual("py-volume", client.containers.get(container.id).attrs["Mounts"][0]["Name"])
        self.refused(409, "volume is in use", volume.remove)
        container.remove(force=True)
        volume.remove()
        self.refused(404, "get py-volume: no such volume", client.volumes.get, "py-volume")
        client.volumes.create(labels={"prune": ""})
        self.assertEqual(1, len(client.volumes.prune(filters={"all": ["true"], "label": ["prune"]})["VolumesDeleted"]))


class System(Case):
    def test_facts(self):
        self.assertTrue(client.ping())
        self.assertEqual("linux", client.version()["Os"])
        self.assertIn("Containers", client.info())
        facts = client.df()
        self.assertEqual(["BuildCache", "Containers", "Images", "LayersSize", "Volumes"], sorted(set(facts) - {"BuilderSize"}))
        self.assertEqual([], client.plugins.list())
        self.refused(503, "This node is not a swarm manager", client.nodes.list)
        self.refused(503, "This node is not a swarm manager", client.services.list)
        self.refused(503, "This node is not a swarm manager", client.secrets.list)

    def test_events(self):
        heard, all_there = [], threading.Event()
        stream = client.events(decode=True, filters={"type": "container", "label": "py=events"})

        def hear():
            for event in stream:
                heard.append(event["Action"])
                if event["Action"] == "destroy":
                    all_there.set()
                    return

        listener = threading.Thread(target=hear, daemon=True)
        listener.start()
        client.containers.run("busybox", "true", labels={"py": "events"}, remove=True)
        self.assertTrue(all_there.wait(10))
        stream.close()
        self.assertEqual(["create", "start", "die", "destroy"], heard)
        past = client.events(decode=True, since=1, until=2)
        self.assertEqual([], list(past))

    def test_other_versions(self):
        for version in ("1.24", "1.35", "1.40", "1.44", "1.51"):
            other = docker.DockerClient(base_url=os.environ["DOCKER_HOST"], version=version)
            self.assertEqual(b"old\n", other.containers.run("busybox", "echo old", remove=True))
            other.close()
        with self.assertRaises(docker.errors.APIError) as caught:
            docker.DockerClient(base_url=os.environ["DOCKER_HOST"], version="9.99").version()
        self.assertIn("client version 9.99 is too new", caught.exception.explanation)

    def test_a_login_that_is_none(self):
        self.refused(500, "", client.login, username="nobody", password="none", registry="127.0.0.1:9", reauth=True)


if __name__ == "__main__":
    faulthandler.dump_traceback_later(100, exit=True)
    unittest.main(verbosity=2)
