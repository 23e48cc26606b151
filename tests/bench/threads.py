# SPDX-License-Identifier: MIT
# The peer: two threads that run /bin/true so many times by subprocess.run, output captured.
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor


def run(_):
    return subprocess.run(["/bin/true"], capture_output=True, check=True)


with ThreadPoolExecutor(2) as pool:
    for _ in pool.map(run, range(int(sys.argv[1]))):
        pass
