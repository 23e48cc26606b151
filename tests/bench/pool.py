# SPDX-License-Identifier: MIT
# The peer of tasks.c: so many tasks that do nothing on multiprocessing's pools of two.
#
#     pool.py [thread] map|imap N
import multiprocessing
import multiprocessing.pool
import sys


def nothing(_):
    pass


if __name__ == "__main__":
    *kind, mode, n = sys.argv[1:]
    Pool = multiprocessing.pool.ThreadPool if kind == ["thread"] else multiprocessing.Pool
    with Pool(2) as pool:
        if mode == "map":
            pool.map(nothing, range(int(n)), chunksize=1)
        else:
            for _ in pool.imap_unordered(nothing, range(int(n)), chunksize=1):
                pass
