#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A jobserver as make has it, for one command: jobserver.py [fifo] TOKENS COMMAND…

The tokens, a letter each, lie in a pipe, or in a FIFO of this folder. Signals go on to the command.
When it has ended, those that are back are written to the file "left", sorted; the exit is its own.
"""
import fcntl
import os
import signal
import subprocess
import sys


def main():
    words = sys.argv[1:]
    fifo = words[0] == "fifo"
    tokens, command = words[fifo], words[fifo + 1:]
    if fifo:
        os.mkfifo("fifo")
        take = give = os.open("fifo", os.O_RDWR | os.O_CLOEXEC)
        place, inherited = "fifo:" + os.path.abspath("fifo"), ()
    else:
        take, give = os.pipe()
        place, inherited = f"{take},{give}", (take, give)
    os.write(give, tokens.encode())
    environment = dict(os.environ, MAKEFLAGS=f"k -j{len(tokens) + 1} --jobserver-auth={place}")
    process = subprocess.Popen(command, env=environment, pass_fds=inherited)
    for number in signal.SIGINT, signal.SIGTERM:
        signal.signal(number, lambda number, _: process.send_signal(number))
    status = process.wait()
    shared = fcntl.fcntl(take, fcntl.F_GETFL) & os.O_NONBLOCK and not fifo
    os.set_blocking(take, False)
    try:
        left = os.read(take, 4096).decode()
    except BlockingIOError:
        left = ""
    with open("left", "w", encoding="ascii") as file:
        print("".join(sorted(left)), file=file)
    if shared:
        sys.exit("O_NONBLOCK was set on what is shared")
    if status < 0:
        signal.signal(-status, signal.SIG_DFL)
        os.kill(os.getpid(), -status)
    sys.exit(status)


main()
