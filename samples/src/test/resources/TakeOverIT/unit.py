"""Stands for systemd: runs a command as a unit of Type=notify does, and prints what it is told, a line each: unit.py COMMAND…"""

import os
import signal
import socket
import subprocess
import sys

name = "@jcompose-unit-%d" % os.getpid() if "--abstract" in sys.argv else os.path.abspath("notify.sock")
command = [word for word in sys.argv[1:] if word != "--abstract"]
receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiver.bind("\0" + name[1:] if name[0] == "@" else name)
receiver.settimeout(120)
unit = subprocess.Popen(command, env=dict(os.environ, NOTIFY_SOCKET=name))
signal.signal(signal.SIGTERM, lambda *_: unit.terminate())
ended = False
while not ended:
    told = receiver.recv(4096).decode()
    print("pid", unit.pid, told.replace("\n", " "), flush=True)
    ended = told.startswith("STOPPING=1")
print("exit", unit.wait(), flush=True)
